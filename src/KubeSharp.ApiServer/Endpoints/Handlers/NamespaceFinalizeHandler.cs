using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>PUT of a namespace's finalizers; the last one that goes ends the namespace
/// (pkg/registry/core/namespace/storage/storage.go FinalizeREST, v1.36).</summary>
public sealed class NamespaceFinalizeHandler(WriteFlow flow) : IVerbHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        var format = Negotiator.Output(request.Http.Request, transforms: false);
        var options = WriteOptions.From(request.Http.Request, "UpdateOptions");
        var operation = request.Operation(options.DryRun, options.FieldManager);
        var body = await RequestBody.ReadAsync(request.Http.Request, request.Aborted).ConfigureAwait(false);
        var given = flow.Decode(request, operation, options, body.Span, Negotiator.Input(request.Http.Request));
        UpdateHandler.CheckName(given, request.Info.Name);
        given.Freeze();
        var updated = await FinalizeAsync(flow, request.Served.Store, operation, request.Info.Name, given, request.Aborted).ConfigureAwait(false);
        await ResponseWriter.WriteAsync(request, format, updated, 200).ConfigureAwait(false);
    }

    /// <summary>Takes the given namespace but for its status; without finalizers left a terminating one goes.</summary>
    internal static async Task<Cache.CachedObject> FinalizeAsync(WriteFlow flow, ResourceStore namespaces, OperationContext operation, string name, Map given, CancellationToken cancellationToken)
    {
        var update = new UpdateRequest
        {
            Uid = given.GetMap("metadata")?.GetString("uid"),
            Transform = old =>
            {
                var next = given.ShallowClone();
                next.EditMap("metadata");
                var hasEmpties = flow.SetDefaults(operation.Served, next);
                next.Set("status", old!["status"]);
                flow.TrackManagedFields(operation, next, old, "finalize", hasEmpties);
                return ValueTask.FromResult(next);
            },
            PrepareAndValidate = static (_, _, _) => { },
        };
        return (await namespaces.UpdateAsync(operation, name, update, cancellationToken).ConfigureAwait(false)).Object;
    }
}
