using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Admission;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ApiServer.Registry.Certificates;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>Approves or denies a certificate signing request: only its conditions are taken
/// (pkg/registry/certificates/certificates/storage/storage.go ApprovalREST, v1.36).</summary>
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

        var body = await RequestBody.ReadAsync(request.Http.Request, request.Aborted).ConfigureAwait(false);
        var (operation, transform) = request.Info.Verb == "patch" ? PatchHandler.Read(flow, request, body.Span) : Read(request, body.Span);
        var strategy = (CertificateSigningRequestStrategy)request.Served.Store.Strategy;
        var update = new UpdateRequest
        {
            Transform = transform,
            PrepareAndValidate = strategy.PrepareAndValidateApproval,
            Mutate = (next, old) => flow.Admission.AdmitAsync(Attributes(next, old), request.Aborted),
            Admit = (next, old) => flow.Admission.ValidateAsync(Attributes(next, old), request.Aborted),
        };
        var (updated, _) = await request.Served.Store.UpdateAsync(operation, request.Info.Name, update, request.Aborted).ConfigureAwait(false);
        WarningHeaders.Add(request.Http.Response, operation.TakeWarnings());
        await ResponseWriter.WriteAsync(request, format, updated, 200).ConfigureAwait(false);

        AdmissionAttributes Attributes(Map next, Map? old) => new(
            AdmissionOperation.Update, request.Resource, request.Info.Subresource, "", request.Info.Name, next, old, operation);
    }

    private (OperationContext, Func<Map?, ValueTask<Map>>) Read(ApiRequest request, ReadOnlySpan<byte> body)
    {
        var options = WriteOptions.From(request.Http.Request, "UpdateOptions");
        var operation = request.Operation(options.DryRun, options.FieldManager);
        var given = flow.Decode(request, operation, options, body, Negotiator.Input(request.Http.Request));
        UpdateHandler.CheckName(given, request.Info.Name);
        var stored = request.Served.ToStorage(given);
        var hasEmpties = flow.SetDefaults(request.Served, stored);
        stored.Freeze();
        return (operation, old =>
        {
            var next = hasEmpties ? stored.DeepClone() : stored.ShallowClone();
            flow.TrackManagedFields(operation, next, old, request.Info.Subresource, hasEmpties);
            return ValueTask.FromResult(next);
        });
    }
}
