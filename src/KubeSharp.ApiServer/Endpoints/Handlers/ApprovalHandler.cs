using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Registry;
using Microsoft.Net.Http.Headers;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>Approves or denies a certificate signing request: only its conditions are taken
/// (pkg/registry/certificates/certificates/strategy.go csrApprovalStrategy, v1.36).</summary>
public sealed class ApprovalHandler(WriteFlow flow) : IVerbHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        var format = Negotiator.Output(request.Http.Request, transforms: true);
        if (request.Info.Verb == "get")
        {
            var current = await request.Served.Store.GetAsync("", request.Info.Name, request.Aborted).ConfigureAwait(false);
            await ResponseWriter.WriteAsync(request, format, current, 200).ConfigureAwait(false);
            return;
        }

        var isPatch = request.Info.Verb == "patch";
        var options = WriteOptions.From(request.Http.Request, isPatch ? "PatchOptions" : "UpdateOptions", isPatch);
        var operation = request.Operation(options.DryRun, options.FieldManager);
        var body = await RequestBody.ReadAsync(request.Http.Request, request.Aborted).ConfigureAwait(false);
        var change = isPatch
            ? PatchHandler.ParsePatch(MediaTypeHeaderValue.Parse(request.Http.Request.ContentType).MediaType.Value ?? "", body.Span)
            : (_, _) => flow.Decode(request, operation, options, body.Span, Negotiator.Input(request.Http.Request));
        var update = new UpdateRequest
        {
            Target = UpdateTarget.Status,
            Transform = old =>
            {
                var given = change(old!, request.Served.Schema);
                var next = old!.ShallowClone();
                next.EditMap("status").Set("conditions", given.GetMap("status")?["conditions"] ?? default);
                return ValueTask.FromResult(next);
            },
        };
        var (updated, _) = await request.Served.Store.UpdateAsync(operation, request.Info.Name, update, request.Aborted).ConfigureAwait(false);
        await ResponseWriter.WriteAsync(request, format, updated, 200).ConfigureAwait(false);
    }
}
