using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Tests.Codecs;
using KubeSharp.ApiMachinery.Views.Core.V1;

namespace KubeSharp.ApiMachinery.Tests.Views;

public sealed class ViewTests
{
    [Fact]
    public void Reads_what_Go_code_would_see()
    {
        var pod = new Pod(JsonDecoder.Decode(
            """{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","labels":{"x":"1"}},"spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80}]}],"hostUsers":false,"overhead":{"cpu":"1"}}}"""u8,
            BuiltInSchema.Find(Pod.GroupVersionKind), default).Root);
        Assert.Equal("a", pod.Metadata.Name);
        Assert.Equal("1", pod.Metadata.Labels["x"]);
        Assert.Null(pod.Metadata.Labels["y"]);
        Assert.Equal(80, pod.Spec.Containers[0].Ports[0].ContainerPortField);
        Assert.Equal("", pod.Spec.NodeName);
        Assert.False(pod.Spec.HostUsers);
        Assert.Null(pod.Spec.AutomountServiceAccountToken);
        Assert.False(pod.Spec.SecurityContext.Exists);
        Assert.Null(pod.Spec.SecurityContext.RunAsUser);
        Assert.Equal("1", pod.Spec.Overhead["cpu"]);
        Assert.Equal(["c"], pod.Spec.Containers.Select(container => container.Name));
        Assert.Empty(pod.Status.Conditions);
    }

    [Fact]
    public void Writes_keep_the_normal_form_and_leave_what_is_frozen()
    {
        var original = JsonDecoder.Decode("""{"spec":{"containers":[{"name":"c"}],"nodeName":"n"}}"""u8, BuiltInSchema.Find(Pod.GroupVersionKind), default).Root!;
        original.Freeze();
        var before = GoldenTests.Print(original);

        var pod = new Pod(original.Thaw());
        var spec = pod.EditSpec();
        spec.NodeName = "";
        spec.HostUsers = false;
        var container = spec.EditContainers().Edit(0);
        container.Image = "i";
        var added = spec.EditTolerations().AddNew();
        added.Key = "k";
        pod.EditMetadata().EditFinalizers().Add("f");

        Assert.Equal(before, GoldenTests.Print(original));
        Assert.False(spec.Map!.ContainsKey("nodeName"));
        Assert.False(spec.HostUsers);
        Assert.Equal("i", pod.Spec.Containers[0].Image);
        Assert.Equal("k", pod.Spec.Tolerations[0].Key);
        Assert.True(pod.Metadata.Finalizers.Contains("f"));
        Assert.Throws<InvalidOperationException>(() => new Pod(original).EditSpec());
    }

    [Fact]
    public void Walking_a_list_allocates_nothing()
    {
        var spec = new PodSpec(new Map { { "containers", ThreeContainers() } });
        var total = Total(spec);
        var before = GC.GetAllocatedBytesForCurrentThread();
        total += Total(spec);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(6, total);
    }

    private static int Total(PodSpec spec)
    {
        var total = 0;
        foreach (var container in spec.Containers)
            total += container.Name.Length;
        return total;
    }

    private static Sequence ThreeContainers()
    {
        var containers = new Sequence();
        for (var i = 0; i < 3; i++)
            containers.Add(new Map { { "name", "c" } });
        return containers;
    }
}
