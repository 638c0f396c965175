using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace KubeSharp.Tests;

/// <summary>The ratchet: recorded answers of the real kube-apiserver, of which no family may be answered worse than
/// <c>conformance/parity.json</c> says. Raise the numbers when they rise; see conformance/README.md.</summary>
public sealed partial class WireParityTests
{
    private const string Tokens = "admin-token,wire-admin,wire-admin-uid,\"system:masters\"\nalice-token,alice,alice-uid,\"dev\"\nbob-token,bob,bob-uid\n";

    [Fact]
    public async Task No_family_falls_below_its_mark()
    {
        var root = FindRoot();
        var wire = Environment.GetEnvironmentVariable("KUBESHARP_WIRE") is { Length: > 0 } named ? named : Path.Combine(root, "..", "shared", "wire");
        if (!File.Exists(Path.Combine(wire, "replay.py")))
            Assert.Skip($"there are no transcripts at {wire}");
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(p => File.Exists(Path.Combine(p, "python3"))))
            Assert.Skip("there is no python3 to replay the transcripts with");
        var tokens = Path.GetTempFileName();
        await File.WriteAllTextAsync(tokens, Tokens, TestContext.Current.CancellationToken);
        await using var server = new ServerProcess(
            "kube-apiserver", "--token-auth-file", tokens, "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
            "--service-cluster-ip-range=10.96.0.0/12", "--service-account-issuer=https://kubernetes.default.svc.cluster.local");
        await server.StartAsync();
        var output = await ReplayAsync(Path.Combine(wire, "replay.py"), server);
        File.Delete(tokens);

        var marks = JsonSerializer.Deserialize<Dictionary<string, int>>(await File.ReadAllTextAsync(Path.Combine(root, "conformance", "parity.json"), TestContext.Current.CancellationToken))!;
        var reached = FamilyLine().Matches(output).ToDictionary(m => m.Groups[1].Value, m => int.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture), StringComparer.Ordinal);
        Assert.All(marks, mark => Assert.True(reached.GetValueOrDefault(mark.Key) >= mark.Value, $"{mark.Key}: {reached.GetValueOrDefault(mark.Key)} steps are equal, {mark.Value} were\n{output}"));
    }

    private static async Task<string> ReplayAsync(string script, ServerProcess server)
    {
        var start = new ProcessStartInfo("python3") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[script, "--base-url", server.Url, "--ca", Path.Combine(server.DataDirectory, "pki", "ca.crt"), "--token-admin", "admin-token", "--token-alice", "alice-token", "--token-bob", "bob-token"])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);
        return await output;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "KubeSharp.sln")))
                return folder.FullName;
        }

        Assert.Skip("the tests do not run from a checkout");
        return "";
    }

    [GeneratedRegex(@"^([a-z-]+) +(\d+)/\d+$", RegexOptions.Multiline)]
    private static partial Regex FamilyLine();
}
