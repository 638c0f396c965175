using System.CommandLine;
using KubeSharp.Storage;
using KubeSharp.Storage.Migration;
using KubeSharp.Storage.Sqlite;

namespace KubeSharp.Commands;

/// <summary><c>kubesharp migrate</c>: a cluster's data from the embedded store to etcd, or back.</summary>
internal static class MigrateCommand
{
    private const string Sqlite = "sqlite:";
    private const string Etcd = "etcd:";

    public static Command Create()
    {
        var from = new Option<string>("--from") { Description = $"Where from: {Sqlite}DIR (a data directory) or {Etcd}URL[,URL...].", Required = true };
        var to = new Option<string>("--to") { Description = "Where to, likewise; it must be empty.", Required = true };
        var force = new Option<bool>("--force") { Description = "Delete what the target has." };
        var revisions = new Option<long>("--max-revision-writes") { Description = "How many writes may be spent to bring etcd's revision to the embedded store's.", DefaultValueFactory = _ => 200_000 };
        var etcd = new EtcdFlags();
        var command = new Command("migrate", "Copies a cluster's data between the embedded store and etcd. Stop all servers of both first: a running server keeps the embedded store locked; a migration from etcd ends with an error when somebody writes to that meanwhile.") { from, to, force, revisions };
        etcd.AddTransportTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var (source, target) = (result.GetValue(from)!, result.GetValue(to)!);
            if (!(Is(source, Sqlite) && Is(target, Etcd)) && !(Is(source, Etcd) && Is(target, Sqlite)))
                return Task.FromResult(StoreCommand.Fail($"--from and --to must be one {Sqlite}DIR and one {Etcd}URL", 2));
            return StoreCommand.RunAsync(
                async stop =>
                {
                    var opened = OpenSource(source, servers => EtcdFlags.Open(etcd.ReadTransport(result, servers)));
                    await using var closingSource = opened.ConfigureAwait(false);
                    var written = Is(target, Sqlite)
                        ? SqliteMigrationTarget.Open(Database(target))
                        : (IMigrationTarget)new StoreMigrationTarget(EtcdFlags.Open(etcd.ReadTransport(result, Servers(target))), result.GetValue(revisions), Console.WriteLine, TimeProvider.System);
                    await using var closingTarget = written.ConfigureAwait(false);
                    Say(await StoreMigration.RunAsync(opened, written, result.GetValue(force), Console.WriteLine, stop).ConfigureAwait(false), Is(target, Etcd));
                },
                cancellationToken);
        });
        return command;
    }

    private static bool Is(string place, string kind) => place.Length > kind.Length && place.StartsWith(kind, StringComparison.Ordinal);

    private static string Database(string place) => EtcdFlags.DatabaseIn(place[Sqlite.Length..]);

    private static string[] Servers(string place) => place[Etcd.Length..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static IRevisionedStore OpenSource(string place, Func<IReadOnlyList<string>, IRevisionedStore> openEtcd)
    {
        if (Is(place, Etcd))
            return openEtcd(Servers(place));
        var database = Database(place);
        // Opening would make it.
        return File.Exists(database) ? SqliteStore.Open(new SqliteStoreOptions { Path = database }) : throw new FileNotFoundException($"{database}: there is no such store");
    }

    private static void Say(MigrationReport report, bool toEtcd)
    {
        Console.WriteLine($"source: {report.Source.Keys} keys, sha256 {report.Source.Hash}, {report.Source.Leased} keys with a lease, revision {report.SourceRevision}");
        Console.WriteLine($"target: {report.Target.Keys} keys, sha256 {report.Target.Hash}, {report.Target.Leased} keys with a lease, revision {report.TargetRevision}");
        Console.WriteLine("The target is complete.");
        if (!toEtcd)
            return;
        Console.Error.WriteLine("Note: every object has a new resourceVersion, which etcd alone gives out.");
        if (report.TargetRevision < report.SourceRevision)
            Console.Error.WriteLine(
                $"""
                Warning: etcd is at revision {report.TargetRevision}, before {report.SourceRevision}, which clients have seen. Before a server starts on it, either raise it
                  etcdctl snapshot save FILE; etcdutl snapshot restore FILE --bump-revision {report.SourceRevision - report.TargetRevision} --mark-compacted ...
                or restart every client of the cluster (kubelets, controllers, operators) after that.
                """);
    }
}
