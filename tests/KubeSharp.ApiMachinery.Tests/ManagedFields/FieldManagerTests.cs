using System.Buffers;
using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.ManagedFields;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Tests.ManagedFields;

/// <summary>Who owns what after updates and applies of Deployments and ConfigMaps; expected values are what
/// kube-apiserver v1.36 answers to the same requests (KEP-555).</summary>
public sealed class FieldManagerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly GroupVersionKind ConfigMap = new("", "v1", "ConfigMap");
    private static readonly GroupVersionKind Service = new("", "v1", "Service");

    [Fact]
    public void A_creation_owns_what_it_sets_without_what_everybody_sets()
    {
        var obj = Read(ConfigMap, """{"metadata":{"name":"a","namespace":"n","uid":"u","labels":{"x":"y"}},"data":{"k":"v"}}""");
        Manager(ConfigMap).Update(null, obj, "kubectl-create", Now);
        Assert.Equal(
            """[{"manager":"kubectl-create","operation":"Update","apiVersion":"v1","time":"2026-01-02T03:04:05Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{".":{},"f:k":{}},"f:metadata":{"f:labels":{".":{},"f:x":{}}}}}]""",
            ManagedFieldsOf(obj));
    }

    [Fact]
    public void An_update_takes_the_changed_field_from_who_had_it()
    {
        var first = Read(ConfigMap, """{"metadata":{"name":"a","uid":"u"},"data":{"k":"v","l":"w"}}""");
        Manager(ConfigMap).Update(null, first, "one", Now);
        var second = Read(ConfigMap, """{"metadata":{"name":"a","uid":"u"},"data":{"k":"changed","l":"w","m":"x"}}""");
        Manager(ConfigMap).Update(first, second, "two", Now.AddSeconds(1));
        Assert.Equal(
            """[{"manager":"one","operation":"Update","apiVersion":"v1","time":"2026-01-02T03:04:05Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{".":{},"f:l":{}}}},{"manager":"two","operation":"Update","apiVersion":"v1","time":"2026-01-02T03:04:06Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:k":{},"f:m":{}}}}]""",
            ManagedFieldsOf(second));
    }

    [Fact]
    public void Items_of_associative_lists_are_owned_by_their_keys_with_defaulted_ones()
    {
        var obj = Read(Service, """{"metadata":{"name":"a"},"spec":{"ports":[{"port":80,"protocol":"TCP","targetPort":8080}],"clusterIP":"None"}}""");
        Manager(Service, FieldSet.OfFields(["status"])).Update(null, obj, "m", Now);
        Assert.Contains(
            "\"f:ports\":{\".\":{},\"k:{\\\"port\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},\"f:port\":{},\"f:protocol\":{},\"f:targetPort\":{}}}",
            ManagedFieldsOf(obj), StringComparison.Ordinal);
        var applied = Manager(Service).Apply(null, Untyped("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"ports":[{"port":80}]}}"""), "m", false, Now, out _);
        Assert.Contains("\"k:{\\\"port\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},\"f:port\":{}}", ManagedFieldsOf(applied), StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_that_the_strategy_resets_are_nobodys()
    {
        var obj = Read(Service, """{"metadata":{"name":"a"},"spec":{"type":"ClusterIP"},"status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"}]}}}""");
        Manager(Service, FieldSet.OfFields(["status"])).Update(null, obj, "m", Now);
        Assert.DoesNotContain("f:status", ManagedFieldsOf(obj), StringComparison.Ordinal);
    }

    [Fact]
    public void An_apply_removes_what_its_manager_no_longer_sets_and_keeps_what_others_own()
    {
        var manager = Manager(ConfigMap);
        var live = Stored(manager.Apply(null, Config("""{"data":{"a":"1","b":"2","shared":"3"}}"""), "one", false, Now, out _));
        live = Stored(manager.Apply(live, Config("""{"data":{"shared":"3","c":"4"}}"""), "two", false, Now.AddSeconds(1), out _));
        live = Stored(manager.Apply(live, Config("""{"data":{"a":"1"}}"""), "one", false, Now.AddSeconds(2), out _));
        Assert.Equal("""{"a":"1","c":"4","shared":"3"}""", Sorted(live.GetMap("data")!));
    }

    [Fact]
    public void A_conflict_names_manager_and_field_and_force_takes_it_over()
    {
        var manager = Manager(ConfigMap);
        var live = Read(ConfigMap, """{"metadata":{"name":"a","uid":"u"},"data":{"k":"v"}}""");
        manager.Update(null, live, "editor", Now);
        live.Freeze();
        var conflict = Assert.Throws<StatusException>(() => manager.Apply(live, Config("""{"data":{"k":"mine"}}"""), "me", false, Now, out _));
        Assert.Equal(409, conflict.Status.Code);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"editor\" using v1: .data.k", conflict.Status.Message);
        var cause = Assert.Single(conflict.Status.Details!.Causes);
        Assert.Equal(("FieldManagerConflict", "conflict with \"editor\" using v1", ".data.k"), (cause.Type, cause.Message, cause.Field));

        var forced = manager.Apply(live, Config("""{"data":{"k":"mine"}}"""), "me", true, Now.AddSeconds(1), out _);
        Assert.Equal("mine", forced.GetMap("data")!.GetString("k"));
        Assert.Equal(
            """[{"manager":"me","operation":"Apply","apiVersion":"v1","time":"2026-01-02T03:04:06Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:k":{}}}},{"manager":"editor","operation":"Update","apiVersion":"v1","time":"2026-01-02T03:04:05Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{}}}]""",
            ManagedFieldsOf(forced));
    }

    [Fact]
    public void An_apply_that_changes_nothing_keeps_its_time()
    {
        var manager = Manager(ConfigMap);
        var live = Stored(manager.Apply(null, Config("""{"data":{"a":"1"}}"""), "one", false, Now, out _));
        var again = manager.Apply(live, Config("""{"data":{"a":"1"}}"""), "one", false, Now.AddHours(1), out var changed);
        Assert.False(changed);
        Assert.Equal(ManagedFieldsOf(live), ManagedFieldsOf(again));

        manager.Apply(live, Config("""{"data":{"a":"2"}}"""), "one", false, Now.AddHours(1), out changed);
        Assert.True(changed);
        manager.Apply(live, Config("{}"), "one", false, Now.AddHours(1), out changed);
        Assert.True(changed);
    }

    [Fact]
    public void Fields_set_before_the_first_apply_have_a_manager_of_that_name()
    {
        var live = Read(ConfigMap, """{"metadata":{"name":"a","uid":"u"},"data":{"old":"1"}}""");
        live.Freeze();
        var applied = Manager(ConfigMap).Apply(live, Config("""{"data":{"new":"2"}}"""), "me", false, Now, out _);
        Assert.Contains("\"manager\":\"before-first-apply\",\"operation\":\"Update\"", ManagedFieldsOf(applied), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_list_forgets_who_set_what()
    {
        var live = Read(ConfigMap, """{"metadata":{"name":"a","uid":"u"},"data":{"k":"v"}}""");
        Manager(ConfigMap).Update(null, live, "one", Now);
        live.Freeze();
        var reset = Read(ConfigMap, """{"metadata":{"name":"a","uid":"u","managedFields":[{}]},"data":{"k":"v"}}""");
        Manager(ConfigMap).Update(live, reset, "two", Now);
        Assert.Equal("", ManagedFieldsOf(reset));
    }

    [Theory]
    [InlineData("""{"data":{"k":1}}""", "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .data.k: expected string, got &value.valueUnstructured{Value:1}")]
    [InlineData("""{"dataa":{}}""", "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .dataa: field not declared in schema")]
    [InlineData("""{"immutable":"yes"}""", "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .immutable: expected boolean, got &{yes}")]
    public void A_configuration_that_does_not_fit_is_refused(string config, string message)
    {
        var error = Assert.Throws<StatusException>(() => Manager(ConfigMap).Apply(null, Config(config), "me", false, Now, out _));
        Assert.Equal((500, message), (error.Status.Code, error.Status.Message));
    }

    [Fact]
    public void Sets_survive_their_encoding()
    {
        var set = FieldSet.FromMap(Untyped("""{"f:a":{".":{},"f:b":{},"k:{\"n\":\"x\",\"p\":80}":{".":{},"f:c":{}},"v:\"q\"":{},"i:3":{}},"z:x":{}}"""));
        Assert.Equal("""{"f:a":{".":{},"f:b":{},"k:{\"n\":\"x\",\"p\":80}":{".":{},"f:c":{}},"v:\"q\"":{},"i:3":{}}}""", Json(set.ToMap()));
        Assert.True(set.Has("a", "b"));
        Assert.False(set.Has("a", "c"));
        Assert.True(set.Difference(set).IsEmpty);
        Assert.Equal(Json(set.ToMap()), Json(set.Union(set).Intersection(set).ToMap()));
    }

    private static FieldManager Manager(GroupVersionKind kind, FieldSet? reset = null) =>
        new(kind, BuiltInSchema.Find(kind)!, "", reset ?? FieldSet.Empty, new OneVersion(BuiltInSchema.Find(kind)!));

    private static Map Config(string fields)
    {
        var config = Untyped(fields);
        config.Set("apiVersion", "v1");
        config.Set("kind", "ConfigMap");
        config.Set("metadata", new Map { { "name", "a" } });
        return config;
    }

    private static Map Read(GroupVersionKind kind, string json)
    {
        var map = JsonDecoder.Decode(Encoding.UTF8.GetBytes(json), BuiltInSchema.Find(kind), new JsonDecodeOptions()).Root!;
        map.Set("apiVersion", kind.GroupVersion.ToString());
        map.Set("kind", kind.Kind);
        return map;
    }

    /// <summary>As the server stores it: typed, with a uid, frozen.</summary>
    private static Map Stored(Map applied)
    {
        var stored = Read(ConfigMap, Json(applied));
        stored.EditMap("metadata").Set("uid", "u");
        stored.Freeze();
        return stored;
    }

    private static Map Untyped(string json) => JsonDecoder.DecodeValue(Encoding.UTF8.GetBytes(json)).AsMap!;

    private static string ManagedFieldsOf(Map obj) => obj.GetMap("metadata")!["managedFields"] is { IsNullOrUndefined: false } fields ? Json(fields) : "";

    private static string Sorted(Map map)
    {
        var copy = map.ShallowClone();
        copy.Sort(string.CompareOrdinal);
        return Json(copy);
    }

    private static string Json(Value value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        JsonEncoder.Encode(value, buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private sealed class OneVersion(SchemaType schema) : IVersionForms
    {
        public (Map Tree, SchemaType Schema)? Convert(Map tree, string fromApiVersion, string toApiVersion) =>
            toApiVersion == "v1" ? (tree, schema) : null;
    }
}
