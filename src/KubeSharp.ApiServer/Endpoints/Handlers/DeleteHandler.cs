using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Admission;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>DELETE of one object (handlers/delete.go DeleteResource, v1.36).</summary>
public sealed class DeleteHandler(WriteFlow flow) : IVerbHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        var format = Negotiator.Output(request.Http.Request, transforms: true);
        var options = await DeleteOptionsReader.ReadAsync(request).ConfigureAwait(false);
        var operation = request.Operation(options.GetSequence("dryRun") is { Count: > 0 });
        operation.DeleteOptions = options;
        WarnOfOrphans(operation, options);
        // They stand whatever becomes of the deletion.
        WarningHeaders.Add(request.Http.Response, operation.TakeWarnings());
        var store = request.Served.Store;
        var result = await store.DeleteAsync(
            operation,
            request.Info.Name,
            old => AdmitAsync(request, operation, old),
            request.Aborted).ConfigureAwait(false);

        // Only the older of the two ways to ask for a cascade changes the code.
        var code = !result.Deleted && options.GetBoolean("orphanDependents") == false ? 202 : 200;
        WarningHeaders.Add(request.Http.Response, operation.TakeWarnings());
        // A deletion that is over, and one that was pending already, answer with a Status unless the kind returns the object.
        if (store.Strategy.ReturnDeletedObject || !result.Deleted)
        {
            await ResponseWriter.WriteAsync(request, format, result.Object, code).ConfigureAwait(false);
            return;
        }

        var status = new Status
        {
            StatusText = "Success",
            Code = 0,
            Details = new StatusDetails
            {
                Name = request.Info.Name,
                Group = request.Resource.Group,
                Kind = request.Resource.Resource,
                Uid = result.Object.Tree().GetMap("metadata")?.GetString("uid") ?? "",
            },
        };
        await ResponseWriter.WriteTreeAsync(request.Http, format with { Shape = Shape.Object }, status.ToMap(), BuiltInSchema.Find(new GroupVersionKind("", "v1", "Status")), code).ConfigureAwait(false);
    }

    /// <summary>Kinds whose dependents stay by default say so (registry/batch/job/storage/storage.go).</summary>
    internal static void WarnOfOrphans(OperationContext operation, Map options)
    {
        if (operation.Served.Resource.GroupResource is { Group: "batch", Resource: "jobs" } && operation.Served.GroupVersion.Version == "v1"
            && options["propagationPolicy"].IsNullOrUndefined && options["orphanDependents"].IsNullOrUndefined)
            operation.AddWarning("child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning");
    }

    internal async ValueTask AdmitAsync(ApiRequest request, OperationContext operation, Map old)
    {
        var attributes = new AdmissionAttributes(
            AdmissionOperation.Delete, request.Resource, "", request.Info.Namespace, old.GetMap("metadata")?.GetString("name") ?? "", null, old, operation);
        await flow.Admission.AdmitAsync(attributes, request.Aborted).ConfigureAwait(false);
        await flow.Admission.ValidateAsync(attributes, request.Aborted).ConfigureAwait(false);
    }
}
