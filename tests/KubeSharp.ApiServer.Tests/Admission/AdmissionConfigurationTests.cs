using KubeSharp.ApiServer.Admission;

namespace KubeSharp.ApiServer.Tests.Admission;

/// <summary>Reading of <c>--admission-control-config-file</c> (apiserver/pkg/admission/config_test.go, v1.36).</summary>
public sealed class AdmissionConfigurationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kubesharp-admission-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Inline_configuration_goes_before_a_path()
    {
        File.WriteAllText(Path.Combine(_directory, "other.yaml"), "from: path");
        var configuration = Read("""
            {"apiVersion":"apiserver.config.k8s.io/v1","kind":"AdmissionConfiguration","plugins":[
              {"name":"A","configuration":{"from":"inline"},"path":"other.yaml"},{"name":"B","path":"other.yaml"},{"name":"C"}]}
            """);
        Assert.Equal("inline", configuration.For("A")!.GetString("from"));
        Assert.Equal("path", configuration.For("B")!.GetString("from"));
        Assert.Null(configuration.For("C"));
    }

    [Fact]
    public void An_old_file_belongs_to_its_plugin()
    {
        var configuration = Read("podNodeSelectorPluginConfig: {a: b=c}", "PodNodeSelector", "Priority");
        Assert.Equal("b=c", configuration.For("PodNodeSelector")!.GetMap("podNodeSelectorPluginConfig")!.GetString("a"));
        Assert.Null(configuration.For("Priority"));
    }

    [Theory]
    [InlineData("a: b")]
    [InlineData("{apiVersion: apiserver.config.k8s.io/v9, kind: AdmissionConfiguration}")]
    [InlineData("{apiVersion: apiserver.config.k8s.io/v1, kind: AdmissionConfiguration, plugins: [{name: A, path: none.yaml}]}")]
    public void What_cannot_be_used_is_refused(string text) => Assert.Throws<FormatException>(() => Read(text));

    [Fact]
    public void A_missing_file_is_refused() =>
        Assert.StartsWith("unable to read admission control configuration from \"/nowhere/x\"", Assert.Throws<FormatException>(() => AdmissionConfiguration.Read("/nowhere/x", [])).Message, StringComparison.Ordinal);

    private AdmissionConfiguration Read(string text, params string[] enabled)
    {
        var file = Path.Combine(_directory, "admission.yaml");
        File.WriteAllText(file, text);
        return AdmissionConfiguration.Read(file, enabled);
    }
}
