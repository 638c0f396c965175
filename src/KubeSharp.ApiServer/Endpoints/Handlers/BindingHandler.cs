using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Admission;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>Binds a pod to a node: the scheduler's one write
/// (pkg/registry/core/pod/storage/storage.go BindingREST, v1.36). Also the legacy route without a pod in the path.</summary>
public sealed class BindingHandler(WriteFlow flow) : IVerbHandler
{
    private static readonly GroupVersionKind Kind = new("", "v1", "Binding");

    public async Task HandleAsync(ApiRequest request)
    {
        var format = Negotiator.Output(request.Http.Request, transforms: false);
        var options = WriteOptions.From(request.Http.Request, "CreateOptions");
        var body = await RequestBody.ReadAsync(request.Http.Request, request.Aborted).ConfigureAwait(false);
        var decoded = RequestBody.Decode(body.Span, Negotiator.Input(request.Http.Request), Kind, BuiltInSchema.Find(Kind)!, options.FieldValidation != FieldValidation.Ignore);
        var binding = decoded.Of(Kind);
        var name = binding.GetMap("metadata")?.GetString("name") ?? "";
        if (request.Info.Name.Length > 0 && name != request.Info.Name)
            throw StatusErrors.BadRequest("name in URL does not match name in Binding object");
        var operation = request.Operation(options.DryRun);
        WriteFlow.TreatStrictErrors(operation, options.FieldValidation, decoded.Kind, decoded.StrictErrors);
        var attributes = new AdmissionAttributes(AdmissionOperation.Create, request.Resource, request.Info.Subresource, request.Info.Namespace, name, binding, null, operation);
        await BindAsync(flow, PodStoreOf(request), attributes, request.Aborted).ConfigureAwait(false);
        WarningHeaders.Add(request.Http.Response, operation.Warnings);
        var status = new Status { StatusText = "Success", Code = 201 };
        await ResponseWriter.WriteTreeAsync(request.Http, format, status.ToMap(), BuiltInSchema.Find(new GroupVersionKind("", "v1", "Status")), 201).ConfigureAwait(false);
    }

    /// <summary>Binds the pod, or says why it cannot be bound. The binding in the attributes must not be frozen.</summary>
    /// <exception cref="StatusException">404, 409, 422, and what admission throws.</exception>
    internal static async Task BindAsync(WriteFlow flow, ResourceStore pods, AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        var (operation, name, binding) = (attributes.Context, attributes.Name, attributes.Object!);
        await flow.Admission.AdmitAsync(attributes, cancellationToken).ConfigureAwait(false);
        var target = binding.GetMap("target") ?? Map.Empty;
        Validate(target);
        await flow.Admission.ValidateAsync(attributes, cancellationToken).ConfigureAwait(false);
        var update = new UpdateRequest
        {
            Transform = old => ValueTask.FromResult(Bind(name, old ?? throw StatusErrors.NotFound(new GroupResource("", "pods"), name), binding, target)),
            PrepareAndValidate = static (_, _, _) => { },
        };
        await pods.UpdateAsync(operation, name, update, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The store of pods, whichever of the two routes was taken.</summary>
    private static ResourceStore PodStoreOf(ApiRequest request) =>
        request.Served.IsStored ? request.Served.Store : request.All.Find(new GroupVersionResource("", "v1", "pods"))!.Store;

    private static void Validate(Map target)
    {
        var errors = new FieldErrorList();
        var path = new FieldPath("target");
        if (target.GetString("kind") is not (null or "" or "Node"))
            errors.Add(FieldError.NotSupported(path.Child("kind"), target["kind"], ["Node", "<empty>"]));
        if (string.IsNullOrEmpty(target.GetString("name")))
            errors.Add(FieldError.Required(path.Child("name"), ""));
        // As upstream, these are not made into a 422.
        if (errors.ToAggregate() is { } message)
            throw StatusErrors.Unknown(message);
    }

    /// <summary>As the storage layer words it (apiserver/pkg/storage/errors.go NewInvalidObjError).</summary>
    private static StatusException PreconditionFailed(Map metadata, string reason)
    {
        var name = metadata.GetString("name")!;
        return StatusErrors.Conflict(new GroupResource("", "pods"), name,
            $"StorageError: invalid object, Code: 4, Key: /registry/pods/{metadata.GetString("namespace")}/{name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: {reason}");
    }

    private static Map Bind(string name, Map old, Map binding, Map target)
    {
        var metadata = old.GetMap("metadata")!;
        var spec = old.GetMap("spec") ?? Map.Empty;
        var given = binding.GetMap("metadata");
        if (given?.GetString("resourceVersion") is { Length: > 0 } version && version != metadata.GetString("resourceVersion"))
            throw PreconditionFailed(metadata, $"ResourceVersion in precondition: {version}, ResourceVersion in object meta: {metadata.GetString("resourceVersion")}");
        if (given?.GetString("uid") is { Length: > 0 } uid && uid != metadata.GetString("uid"))
            throw PreconditionFailed(metadata, $"UID in precondition: {uid}, UID in object meta: {metadata.GetString("uid")}");
        if (metadata.GetString("deletionTimestamp") is not null)
            throw StatusErrors.Conflict(new GroupResource("", "pods/binding"), name, $"pod {name} is being deleted, cannot be assigned to a host");
        if (spec.GetString("nodeName") is { Length: > 0 } node)
            throw StatusErrors.Conflict(new GroupResource("", "pods/binding"), name, $"pod {name} is already assigned to node \"{node}\"");
        if (spec.GetSequence("schedulingGates") is { Count: > 0 })
            throw StatusErrors.Conflict(new GroupResource("", "pods/binding"), name, $"pod {name} has non-empty .spec.schedulingGates");
        var pod = old.ShallowClone();
        pod.EditMap("spec").Set("nodeName", target["name"]);
        foreach (var (key, value) in given?.GetMap("annotations") ?? Map.Empty)
            pod.EditMap("metadata").EditMap("annotations").Set(key, value);
        foreach (var (key, value) in given?.GetMap("labels") ?? Map.Empty)
            pod.EditMap("metadata").EditMap("labels").Set(key, value);
        pod.EditMap("status").Remove("nominatedNodeName");
        PodConditions.Update(pod.EditMap("status"), "PodScheduled", "True", "", "", DateTimeOffset.UtcNow);
        return pod;
    }
}
