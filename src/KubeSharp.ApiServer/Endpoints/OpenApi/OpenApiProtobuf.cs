using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

internal sealed class OpenApiProtobuf(OpenApiVersion version) : OpenApiFormat(version)
{
    public override EntryBuffer NewPaths() => throw new NotSupportedException();

    public override EntryBuffer NewDefinitions() => throw new NotSupportedException();

    public override void Write(OpenApiBuilder document, Stream output) => throw new NotSupportedException();
}
