using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiServer.Admission;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>PUT of an object or its status (handlers/update.go, v1.36).</summary>
public sealed class UpdateHandler(WriteFlow flow) : IVerbHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        var http = request.Http;
        var format = Negotiator.Output(http.Request, transforms: true);
        var options = WriteOptions.From(http.Request, "UpdateOptions");
        var encoding = Negotiator.Input(http.Request);
        var body = await RequestBody.ReadAsync(http.Request, request.Aborted).ConfigureAwait(false);
        var operation = request.Operation(options.DryRun, options.FieldManager);
        var obj = flow.Decode(request, operation, options, body.Span, encoding);
        CheckName(obj, request.Info.Name);
        flow.CheckNamespace(request, obj);
        var stored = request.Served.ToStorage(obj);
        var hasEmpties = flow.SetDefaults(request.Served, stored);
        stored.Freeze();

        var update = new UpdateRequest
        {
            Target = request.Info.Subresource switch { "" => UpdateTarget.Main, "status" => UpdateTarget.Status, _ => UpdateTarget.Subresource },
            Uid = stored.GetMap("metadata")?.GetString("uid"),
            Transform = old =>
            {
                // What is frozen counts as normal: empties are lost only where they can be.
                var next = hasEmpties ? stored.DeepClone() : stored.ShallowClone();
                next.EditMap("metadata");
                flow.TrackManagedFields(operation, next, old, request.Info.Subresource, hasEmpties);
                return ValueTask.FromResult(next);
            },
            Mutate = (next, old) => flow.Admission.AdmitAsync(Attributes(next, old), request.Aborted),
            Admit = (next, old) => flow.Admission.ValidateAsync(Attributes(next, old), request.Aborted),
        };
        var (updated, created) = await request.Served.Store.UpdateAsync(operation, request.Info.Name, update, request.Aborted).ConfigureAwait(false);
        WarningHeaders.Add(http.Response, operation.TakeWarnings());
        await ResponseWriter.WriteAsync(request, format, updated, created ? 201 : 200).ConfigureAwait(false);

        AdmissionAttributes Attributes(Map next, Map? old) => new(
            old is null ? AdmissionOperation.Create : AdmissionOperation.Update,
            request.Resource, request.Info.Subresource, request.Info.Namespace, request.Info.Name, next, old, operation);
    }

    /// <summary>An object's name must be the URL's (handlers/rest.go checkName).</summary>
    internal static void CheckName(Map obj, string expected)
    {
        var name = obj.GetMap("metadata")?.GetString("name") ?? "";
        if (name.Length == 0)
            throw StatusErrors.BadRequest($"the name of the object ({expected} based on URL) was undeterminable: name must be provided");
        if (name != expected)
            throw StatusErrors.BadRequest($"the name of the object ({name}) does not match the name on the URL ({expected})");
    }
}
