using System.CommandLine;
using KubeSharp.Storage.Sqlite.Snapshots;

namespace KubeSharp.Commands;

/// <summary><c>kubesharp snapshot</c>: backups of the embedded store, as etcdctl and etcdutl make them of etcd.</summary>
internal static class SnapshotCommand
{
    public static Command Create() => new("snapshot", "Saves, checks and restores backups of the embedded store. Certificates and keys beside it (pki/) are not part of them.")
    {
        Save(),
        Status(),
        Restore(),
    };

    private static Argument<string> File(string description) => new("FILE") { Description = description };

    private static Option<bool> SkipHashCheck() => new("--skip-hash-check") { Description = "Ignore the hash at the end of the file; required for a copy of a data directory's database." };

    private static Command Save()
    {
        var file = File("The snapshot to make.");
        var directory = new Option<string>("--data-dir") { Description = "The data directory of the server, which may be running.", DefaultValueFactory = _ => ApiServerFlags.DefaultDataDirectory };
        var force = new Option<bool>("--force") { Description = "Replace the file if it is there." };
        var command = new Command("save", "Saves the embedded store to a file, whether a server runs on it or not.") { file, directory, force };
        command.SetAction((result, cancellationToken) => StoreCommand.RunAsync(
            stop =>
            {
                var name = result.GetValue(file)!;
                var saved = Snapshot.Save(EtcdFlags.DatabaseIn(result.GetValue(directory)!), name, result.GetValue(force), stop);
                Console.WriteLine($"Snapshot saved at {name}");
                Console.WriteLine(SnapshotStatusPrinter.Simple(saved));
                return Task.CompletedTask;
            },
            cancellationToken));
        return command;
    }

    private static Command Status()
    {
        var file = File("The snapshot.");
        var format = new Option<string>("--write-out", "-w") { Description = "The output's format.", DefaultValueFactory = _ => "simple" };
        format.AcceptOnlyFromAmong("simple", "json", "table");
        var skip = SkipHashCheck();
        var command = new Command("status", "Checks a snapshot and says what is in it: hash, revision, total keys, total size, version.") { file, format, skip };
        command.SetAction((result, cancellationToken) => StoreCommand.RunAsync(
            stop =>
            {
                Console.WriteLine(SnapshotStatusPrinter.Print(Snapshot.Status(result.GetValue(file)!, result.GetValue(skip), stop), result.GetValue(format)!));
                return Task.CompletedTask;
            },
            cancellationToken));
        return command;
    }

    private static Command Restore()
    {
        var file = File("The snapshot.");
        var directory = new Option<string>("--data-dir") { Description = "The data directory to make the store in; it must not have one.", Required = true };
        var bump = new Option<long>("--bump-revision") { Description = "How much to increase the latest revision after restore, so that it is above all that clients have seen." };
        var mark = new Option<bool>("--mark-compacted") { Description = "Mark the latest revision after restore as compacted, so that clients list anew (required with --bump-revision, disallowed otherwise)." };
        var skip = SkipHashCheck();
        var command = new Command("restore", "Makes a store out of a snapshot, at the snapshot's revision.") { file, directory, bump, mark, skip };
        command.SetAction((result, cancellationToken) =>
        {
            var options = new SnapshotRestoreOptions { BumpRevision = result.GetValue(bump), MarkCompacted = result.GetValue(mark), SkipHashCheck = result.GetValue(skip) };
            if (options.Validate() is { Count: > 0 } errors)
                return Task.FromResult(StoreCommand.Fail(string.Join(Environment.NewLine, errors), 2));
            return StoreCommand.RunAsync(
                stop =>
                {
                    var database = EtcdFlags.DatabaseIn(result.GetValue(directory)!);
                    var restored = Snapshot.Restore(result.GetValue(file)!, database, options, stop);
                    Console.WriteLine($"Snapshot restored to {database}");
                    Console.WriteLine(SnapshotStatusPrinter.Simple(restored));
                    if (options.BumpRevision == 0)
                        Console.Error.WriteLine("Clients that saw later revisions must be restarted, or restore with --bump-revision and --mark-compacted.");
                    return Task.CompletedTask;
                },
                cancellationToken);
        });
        return command;
    }
}
