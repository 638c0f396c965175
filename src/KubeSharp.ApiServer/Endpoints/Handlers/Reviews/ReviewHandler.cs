using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Admission;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.Handlers.Reviews;

/// <summary>
/// A create whose object is answered and never stored: reviews and token requests. The flow is that of any other create
/// (handlers/create.go, v1.36) with <see cref="AnswerAsync"/> in the store's place.
/// </summary>
public abstract class ReviewHandler(WriteFlow flow) : IVerbHandler
{
    private static readonly Defaulter Defaulter = new();

    public async Task HandleAsync(ApiRequest request)
    {
        var http = request.Http;
        var format = Negotiator.Output(http.Request, transforms: false);
        var options = WriteOptions.From(http.Request, "CreateOptions");
        var encoding = Negotiator.Input(http.Request);
        var body = await RequestBody.ReadAsync(http.Request, request.Aborted).ConfigureAwait(false);
        var operation = request.Operation(options.DryRun, options.FieldManager);
        var (kind, schema) = KindOf(request);
        var obj = Decode(request, operation, options, body, encoding, kind, schema);
        if (!KeepsSystemFields)
            WipeSystemFields(obj);
        flow.CheckNamespace(request, obj);
        Defaulter.Apply(obj, schema);
        flow.TrackManagedFields(operation, obj, null, request.Info.Subresource);
        var attributes = new AdmissionAttributes(AdmissionOperation.Create, request.Resource, request.Info.Subresource, request.Info.Namespace, request.Info.Name, obj, null, operation);
        await flow.Admission.AdmitAsync(attributes, request.Aborted).ConfigureAwait(false);
        var answer = await AnswerAsync(request, operation, obj, () => flow.Admission.ValidateAsync(attributes, request.Aborted)).ConfigureAwait(false);
        WarningHeaders.Add(http.Response, operation.TakeWarnings());
        await ResponseWriter.WriteTreeAsync(http, format, Ordered(answer), schema, 201).ConfigureAwait(false);
    }

    /// <summary>Whether uid and creation time of the request's object are kept (rest.SubresourceObjectMetaPreserver).</summary>
    protected virtual bool KeepsSystemFields => false;

    /// <summary>The kind of the body and of the answer.</summary>
    protected virtual (GroupVersionKind Kind, SchemaType Schema) KindOf(ApiRequest request) => (request.Served.Kind, request.Served.Schema);

    /// <summary>Validates and answers; <paramref name="admit"/> is the validating admission, to be run after the validation.</summary>
    /// <exception cref="StatusException">400, 422, and what admission throws.</exception>
    protected abstract ValueTask<Map> AnswerAsync(ApiRequest request, OperationContext operation, Map obj, Func<ValueTask> admit);

    private Map Decode(ApiRequest request, OperationContext operation, WriteOptions options, ReadOnlyMemory<byte> body, Encoding encoding, GroupVersionKind kind, SchemaType schema)
    {
        if (kind == request.Served.Kind)
            return flow.Decode(request, operation, options, body.Span, encoding);
        var decoded = RequestBody.Decode(body.Span, encoding, kind, schema, strict: options.FieldValidation != FieldValidation.Ignore);
        var root = decoded.Of(kind);
        WriteFlow.TreatStrictErrors(operation, options.FieldValidation, decoded.Kind, decoded.StrictErrors);
        return root;
    }

    /// <summary>Kind and version first, as every answer has them, wherever they were in the request.</summary>
    private static Map Ordered(Map answer)
    {
        var ordered = new Map(answer.Count) { { "kind", answer["kind"] }, { "apiVersion", answer["apiVersion"] } };
        foreach (var (key, value) in answer)
            ordered.Set(key, value);
        return ordered;
    }

    private static void WipeSystemFields(Map obj)
    {
        var metadata = obj.EditMap("metadata");
        foreach (var field in (ReadOnlySpan<string>)["creationTimestamp", "uid", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"])
            metadata.Remove(field);
    }
}
