using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Tests.Schemas;

/// <summary>Facts as the Go API types of v1.36 state them (k8s.io/api/core/v1/types.go and others).</summary>
public sealed class BuiltInSchemaTests
{
    [Theory]
    [InlineData("containers", 2, TypeKind.List, false, false, "merge", "name", "map", "name")]
    [InlineData("volumes", 1, TypeKind.List, true, false, "merge,retainKeys", "name", "map", "name")]
    [InlineData("terminationGracePeriodSeconds", 4, TypeKind.Int64, true, true, "", "", "", "")]
    [InlineData("nodeSelector", 7, TypeKind.Map, true, false, "", "", "", "")]
    [InlineData("tolerations", 22, TypeKind.List, true, false, "", "", "atomic", "")]
    [InlineData("topologySpreadConstraints", 33, TypeKind.List, true, false, "merge", "topologyKey", "map", "topologyKey,whenUnsatisfiable")]
    public void Knows_the_fields_of_PodSpec(
        string name, int number, TypeKind kind, bool omitEmpty, bool pointer, string strategy, string mergeKey, string listType, string keys)
    {
        var field = BuiltInSchema.Get("io.k8s.api.core.v1.PodSpec").FindField(name);
        Assert.NotNull(field);
        Assert.Equal((number, kind, omitEmpty, pointer), (field.Number, field.Type.Kind, field.OmitEmpty, field.Type.IsPointer));
        Assert.Equal((strategy, mergeKey, listType, keys), (field.PatchStrategy, field.PatchMergeKey, field.ListType, string.Join(',', field.ListMapKeys)));
    }

    [Theory]
    [InlineData("io.k8s.api.core.v1.ServiceSpec", "type", "v1.ServiceType")]
    [InlineData("io.k8s.api.core.v1.ResourceQuotaSpec", "hard", "v1.ResourceList")]
    [InlineData("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "uid", "types.UID")]
    [InlineData("io.k8s.api.core.v1.PodSpec", "nodeName", null)]
    public void Knows_Go_names_of_named_types(string type, string field, string? goName) =>
        Assert.Equal(goName, BuiltInSchema.Get(type).FindField(field)!.Type.GoName);

    [Fact]
    public void Knows_defaults_and_enums()
    {
        var port = BuiltInSchema.Get("io.k8s.api.core.v1.ContainerPort").FindField("protocol")!;
        Assert.Equal("TCP", port.Default.AsString);
        Assert.Equal(["SCTP", "TCP", "UDP"], port.Enum);
    }

    [Fact]
    public void Inlines_in_JSON_what_is_a_message_in_protobuf()
    {
        var type = BuiltInSchema.Get("io.k8s.api.networking.v1.IngressRule");
        Assert.Equal(["host", "http"], type.Fields.Select(field => field.Name));
        Assert.Equal("IngressRuleValue.http", type.FindField("http"u8)!.GoPath);
        Assert.Equal([1, 2], type.Wire.Select(wire => wire.Number));
        Assert.NotNull(type.Wire[1].Inlined);
    }

    [Fact]
    public void Finds_the_shared_kinds_under_every_group_version()
    {
        var expected = BuiltInSchema.Get("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions");
        Assert.Same(expected, BuiltInSchema.Find(new GroupVersionKind("apps", "v1", "DeleteOptions")));
        Assert.Null(BuiltInSchema.Find(new GroupVersionKind("apps", "v7", "DeleteOptions")));
        Assert.Null(BuiltInSchema.Find(new GroupVersionKind("apps", "v1", "Pod")));
    }

    [Fact]
    public void Every_type_reads_and_finds_each_of_its_fields()
    {
        foreach (var name in BuiltInSchema.TypeNames)
        {
            var type = BuiltInSchema.Get(name);
            foreach (var field in type.Fields)
            {
                Assert.Same(field, type.FindField(field.Name));
                Assert.Same(field, type.FindField(field.Utf8Name));
                if (field.Type.Kind == TypeKind.Struct)
                    Assert.NotNull(field.Type.Struct);
            }
        }
    }
}
