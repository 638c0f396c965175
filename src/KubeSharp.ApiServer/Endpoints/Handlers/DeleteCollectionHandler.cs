using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>DELETE of a collection: each object that the selectors match, one deletion each; the answer is the list of
/// them (handlers/delete.go DeleteCollection, registry/store.go DeleteCollection, v1.36).</summary>
public sealed class DeleteCollectionHandler(ListReader reader, DeleteHandler delete) : IVerbHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        var format = Negotiator.Output(request.Http.Request, transforms: true);
        var list = ReadOptions.From(request.Http.Request);
        list.Validate(isWatch: false);
        var store = request.Served.Store;
        var predicate = SelectionPredicate.Parse(list.LabelSelector, list.FieldSelector, request.Resource, store.Strategy);
        var options = await DeleteOptionsReader.ReadAsync(request).ConfigureAwait(false);
        var page = await reader.ReadAsync(store, request.Info.Namespace, list, predicate, request.Aborted).ConfigureAwait(false);
        var collection = request.Operation();
        DeleteHandler.WarnOfOrphans(collection, options);
        foreach (var cached in page.Items)
        {
            var operation = new OperationContext
            {
                Info = request.Info with { Namespace = cached.Namespace },
                User = request.User,
                Served = request.Served,
                DryRun = options.GetSequence("dryRun") is { Count: > 0 },
                DeleteOptions = options,
            };
            try
            {
                await store.DeleteAsync(operation, cached.Name, old => delete.AdmitAsync(request, operation, old), request.Aborted).ConfigureAwait(false);
            }
            catch (StatusException exception) when (exception.Status.Code == 404)
            {
                // Somebody else was faster, which is as good.
            }
        }

        WarningHeaders.Add(request.Http.Response, collection.TakeWarnings());
        await ListHandler.WritePageAsync(request, format, page).ConfigureAwait(false);
    }
}
