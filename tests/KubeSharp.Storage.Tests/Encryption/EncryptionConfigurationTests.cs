using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.Storage.Encryption;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeSharp.Storage.Tests.Encryption;

/// <summary>Configurations beside what upstream's own loader says of each, and which provider a resource gets.</summary>
public sealed class EncryptionConfigurationTests : IDisposable
{
    private static readonly EncryptionEnvironment Environment = new(NoEncryptionMetrics.Instance, TimeProvider.System, NullLogger.Instance);

    private readonly string _directory = Directory.CreateTempSubdirectory("kubesharp-encryption-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>Name, file, error without reload, error with it.</summary>
    public static TheoryData<string, string, string, string> Cases()
    {
        var data = new TheoryData<string, string, string, string>();
        string name = "", plain = "";
        var file = new List<string>();
        void Add(string? reload)
        {
            if (name.Length > 0)
            {
                var text = string.Concat(file.Select(l => l.EndsWith('\\') ? l[..^1] : l + "\n"));
                data.Add(name, text, plain, reload ?? plain);
            }
        }

        string? ofReload = null;
        foreach (var line in TestData.Lines("configurations.txt"))
        {
            if (line.StartsWith("=== ", StringComparison.Ordinal))
            {
                Add(ofReload);
                (name, plain, ofReload) = (line[4..], "", null);
                file.Clear();
            }
            else if (line.StartsWith("--- reload ", StringComparison.Ordinal))
            {
                ofReload = line["--- reload ".Length..];
            }
            else if (line.StartsWith("--- ", StringComparison.Ordinal))
            {
                plain = line[4..];
            }
            else if (name.Length > 0)
            {
                file.Add(line);
            }
        }

        Add(ofReload);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ErrorsAreUpstreams(string name, string file, string expected, string expectedWithReload)
    {
        Assert.Equal(Normal(expected), Load(name, file, reload: false));
        Assert.Equal(Normal(expectedWithReload), Load(name, file, reload: true));
    }

    /// <summary>What upstream prints into an error of two providers in one element are their keys; here they are left out.</summary>
    private static string Normal(string expected) => expected.Replace("\"Secret\":\"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\"", "\"Secret\":\"REDACTED\"", StringComparison.Ordinal);

    [Fact]
    public void AMissingFileIsNamed() =>
        Assert.Equal("error while parsing file: error while loading file: error reading encryption provider configuration file \"/nonexistent/x.yaml\": open /nonexistent/x.yaml: no such file or directory",
            Assert.Throws<FormatException>(() => EncryptionProviders.Load("/nonexistent/x.yaml", false, Environment)).Message);

    [Theory]
    [InlineData("secrets", "", "k8s:enc:aescbc:v1:k1:")]
    [InlineData("configmaps", "", "k8s:enc:aesgcm:v1:k2:")]
    [InlineData("deployments", "apps", "k8s:enc:secretbox:v1:k3:")]
    [InlineData("statefulsets", "apps", "k8s:enc:aescbc:v1:k4:")]
    [InlineData("events", "", "")]
    [InlineData("leases", "coordination.k8s.io", "k8s:enc:aesgcm:v1:k5:")]
    [InlineData("pandas", "awesome.bears.example", "k8s:enc:aesgcm:v1:k5:")]
    public async Task TheNarrowestEntryCounts(string resource, string group, string prefix)
    {
        const string File = """
            kind: EncryptionConfiguration
            apiVersion: apiserver.config.k8s.io/v1
            resources:
            - resources: [events]
              providers: [{identity: {}}]
            - resources: [secrets]
              providers: [{aescbc: {keys: [{name: k1, secret: AQIDBAUGBwgJCgsMDQ4PEA==}]}}]
            - resources: [deployments.apps]
              providers: [{secretbox: {keys: [{name: k3, secret: AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=}]}}]
            - resources: ['*.']
              providers: [{aesgcm: {keys: [{name: k2, secret: AQIDBAUGBwgJCgsMDQ4PEA==}]}}]
            - resources: ['*.apps']
              providers: [{aescbc: {keys: [{name: k4, secret: AQIDBAUGBwgJCgsMDQ4PEA==}]}}]
            - resources: ['*.*']
              providers: [{aesgcm: {keys: [{name: k5, secret: AQIDBAUGBwgJCgsMDQ4PEA==}]}}]
            """;
        using var providers = EncryptionProviders.Load(Write("precedence", File), false, Environment);
        var stored = await providers.For(new GroupResource(group, resource)).ToStorageAsync("value"u8.ToArray(), new ValueContext("/registry/x", resource), TestContext.Current.CancellationToken);
        var text = System.Text.Encoding.Latin1.GetString(stored.Span);
        Assert.StartsWith(prefix, text, StringComparison.Ordinal);
        Assert.Equal(prefix.Length == 0, text == "value");
    }

    [Fact]
    public async Task ResourcesThatNobodyNamesStayAsTheyAre()
    {
        using var providers = EncryptionProviders.Load(Write("some", Keys("aescbc", "k1")), false, Environment);
        Assert.Same(IdentityTransformer.Instance, providers.For(new GroupResource("", "pods")));
        Assert.Same(IdentityTransformer.Instance, providers.For(new GroupResource("apps", "secrets")));
        Assert.NotSame(IdentityTransformer.Instance, providers.For(new GroupResource("", "secrets")));
        Assert.Null(await providers.CheckAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Written with one list of providers, read with another: stale, and by which error.</summary>
    [Theory]
    [InlineData("aescbc:k1", "aescbc:k1", false, null)]
    [InlineData("aescbc:k1", "aescbc:k2 k1", true, null)]
    [InlineData("aescbc:k1", "aescbc:k1 k2", false, null)]
    [InlineData("aescbc:k1", "aesgcm:k1,aescbc:k1", true, null)]
    [InlineData("aescbc:k1", "identity,aescbc:k1", true, null)]
    [InlineData("aescbc:k1", "aescbc:k2,aescbc:k1", true, null)]
    [InlineData("identity", "aescbc:k1,identity", true, null)]
    [InlineData("identity", "identity,aescbc:k1", false, null)]
    [InlineData("identity", "aescbc:k1", false, "no matching prefix found")]
    [InlineData("aescbc:k1", "identity", false, "no matching prefix found")]
    [InlineData("aescbc:k1", "aesgcm:k1", false, "no matching prefix found")]
    [InlineData("aescbc:k1", "aescbc:k2", false, "no matching key was found for the provided AES transformer")]
    [InlineData("secretbox:k1", "secretbox:k2", false, "no matching key was found for the provided Secretbox transformer")]
    [InlineData("secretbox:k1", "secretbox:k2,secretbox:k3", false, "no matching key was found for the provided Secretbox transformer")]
    [InlineData("aesgcm:k1=B", "aesgcm:k1", false, "cipher: message authentication failed")]
    [InlineData("secretbox:k1=B", "secretbox:k1", false, "output array was not large enough for encryption")]
    [InlineData("aesgcm:k1=B", "aesgcm:k1,aesgcm:k1=B", true, null)]
    [InlineData("aesgcm:k1=B", "aesgcm:k1 k1=B", true, null)]
    public async Task ReadersKnowWhatIsStale(string writer, string reader, bool stale, string? error)
    {
        var stop = TestContext.Current.CancellationToken;
        var place = new ValueContext("/registry/secrets/default/a", "secrets");
        using var writing = EncryptionProviders.Load(Write("w", Config(writer)), false, Environment);
        using var reading = EncryptionProviders.Load(Write("r", Config(reader)), false, Environment);
        var secrets = new GroupResource("", "secrets");
        var stored = await writing.For(secrets).ToStorageAsync("value"u8.ToArray(), place, stop);
        if (error is not null)
        {
            Assert.Equal(error, (await Assert.ThrowsAsync<TransformException>(async () => await reading.For(secrets).FromStorageAsync(stored, place, stop))).Message);
            return;
        }

        var value = await reading.For(secrets).FromStorageAsync(stored, place, stop);
        Assert.Equal("value"u8.ToArray(), value.Data.ToArray());
        Assert.Equal(stale, value.Stale);
    }

    private static string Keys(string provider, string keys) => Config($"{provider}:{keys}");

    /// <summary><c>aescbc:k1 k2=B,identity</c>: providers with their keys' names, and another secret where one is named.</summary>
    private static string Config(string providers)
    {
        var list = string.Concat(providers.Split(',').Select(provider =>
        {
            var parts = provider.Split(':');
            if (parts.Length == 1)
                return $"  - {parts[0]}: {{}}\n";
            var keys = parts[1].Split(' ').Select(key => $"{{name: {key.Split('=')[0]}, secret: {(key.Contains('=', StringComparison.Ordinal) ? "//////////////////////////////////////////8=" : "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=")}}}");
            return $"  - {parts[0]}: {{keys: [{string.Join(", ", keys)}]}}\n";
        }));
        return "kind: EncryptionConfiguration\napiVersion: apiserver.config.k8s.io/v1\nresources:\n- resources: [secrets]\n  providers:\n" + list;
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory, $"{name}.yaml");
        File.WriteAllText(path, text);
        return path;
    }

    private string Load(string name, string file, bool reload)
    {
        try
        {
            EncryptionProviders.Load(Write(name, file), reload, Environment).Dispose();
            return "<nil>";
        }
        catch (FormatException exception)
        {
            return exception.Message.Replace(_directory + "/", "", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        }
    }
}
