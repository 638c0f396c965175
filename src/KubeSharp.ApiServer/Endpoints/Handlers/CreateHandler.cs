using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Admission;
using KubeSharp.ApiServer.Endpoints.Negotiation;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>POST to a collection (handlers/create.go, v1.36).</summary>
public sealed class CreateHandler(WriteFlow flow) : IVerbHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        var http = request.Http;
        var format = Negotiator.Output(http.Request, transforms: true);
        var options = WriteOptions.From(http.Request, "CreateOptions");
        var encoding = Negotiator.Input(http.Request);
        var body = await RequestBody.ReadAsync(http.Request, request.Aborted).ConfigureAwait(false);
        var operation = request.Operation(options.DryRun, options.FieldManager);
        var obj = flow.Decode(request, operation, options, body.Span, encoding);
        flow.CheckNamespace(request, obj);

        var stored = request.Served.ToStorage(obj);
        var hasEmpties = flow.SetDefaults(request.Served, stored);
        var name = stored.GetMap("metadata")?.GetString("name") ?? "";
        WriteFlow.WipeSystemFields(stored);
        flow.TrackManagedFields(operation, stored, null, "", hasEmpties);
        await flow.Admission.AdmitAsync(Attributes(stored, name), request.Aborted).ConfigureAwait(false);
        var created = await request.Served.Store.CreateAsync(
            operation,
            stored,
            candidate => flow.Admission.ValidateAsync(Attributes(candidate, candidate.GetMap("metadata")?.GetString("name") ?? ""), request.Aborted),
            request.Aborted).ConfigureAwait(false);
        WarningHeaders.Add(http.Response, operation.TakeWarnings());
        await ResponseWriter.WriteAsync(request, format, created, 201).ConfigureAwait(false);

        AdmissionAttributes Attributes(Map candidate, string candidateName) =>
            new(AdmissionOperation.Create, request.Resource, "", request.Info.Namespace, candidateName, candidate, null, operation);
    }
}
