using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Client;
using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Plugins;

/// <summary>Tells the API where the pod goes (plugins/defaultbinder/default_binder.go).</summary>
internal sealed class DefaultBinder(IApiClient client) : IBindPlugin
{
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");

    public string Name => "DefaultBinder";

    public async ValueTask<Status> BindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken cancellationToken)
    {
        var binding = new Map(4)
        {
            { "apiVersion", "v1" },
            { "kind", "Binding" },
            { "metadata", new Map { { "namespace", pod.Namespace }, { "name", pod.Name }, { "uid", pod.Uid } } },
            { "target", new Map { { "kind", "Node" }, { "name", nodeName } } },
        };
        try
        {
            await client.CreateAsync(new ResourceRequest(Pods, pod.Namespace, pod.Name, "binding"), binding, cancellationToken)
                .ConfigureAwait(false);
            return Status.Success;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return Status.FromException(exception, Name);
        }
    }
}
