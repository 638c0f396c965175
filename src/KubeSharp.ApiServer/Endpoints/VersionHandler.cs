using System.Runtime.InteropServices;
using KubeSharp.ApiMachinery.Documents;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary><c>/version</c> (apiserver/pkg/server/routes/version.go; apimachinery/pkg/version/types.go).</summary>
public sealed class VersionHandler : INonResourceHandler
{
    /// <summary>The version of Kubernetes that is spoken.</summary>
    public const string GitVersion = "v1.36.2";

    public const string Major = "1";
    public const string Minor = "36";

    /// <summary>The system and processor in Go's words.</summary>
    public static string Platform { get; } =
        $"{(OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsMacOS() ? "darwin" : "windows")}/{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "amd64")}";

    public IEnumerable<string> Paths => ["/version"];

    public async Task<bool> TryHandleAsync(HttpContext http, string path)
    {
        if (path.TrimEnd('/') != "/version")
            return false;
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
            throw GenericErrors.MethodNotAllowed();
        var version = new Map(12)
        {
            { "major", Major },
            { "minor", Minor },
            { "emulationMajor", "1" },
            { "emulationMinor", "36" },
            { "minCompatibilityMajor", "1" },
            { "minCompatibilityMinor", "35" },
            { "gitVersion", GitVersion },
            { "gitCommit", "" },
            { "gitTreeState", "clean" },
            { "buildDate", "1970-01-01T00:00:00Z" },
            { "goVersion", $"dotnet{Environment.Version}" },
            { "compiler", "dotnet" },
            { "platform", Platform },
        };
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(512);
        ApiMachinery.Codecs.JsonEncoder.Encode(version, buffer);
        await ResponseWriter.WriteBytesAsync(http, "application/json", 200, ResponseWriter.Indent(buffer.WrittenMemory).WrittenMemory, default).ConfigureAwait(false);
        return true;
    }
}
