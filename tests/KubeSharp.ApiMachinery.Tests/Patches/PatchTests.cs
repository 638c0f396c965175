using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Patches;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.Tests.Patches;

public class PatchTests
{
    // RFC 6902's appendix and evanphx/json-patch's patch_test.go.
    [Theory]
    [InlineData("add member", """{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux"}]""", """{"baz":"qux","foo":"bar"}""")]
    [InlineData("add element", """{"foo":["bar","baz"]}""", """[{"op":"add","path":"/foo/1","value":"qux"}]""", """{"foo":["bar","qux","baz"]}""")]
    [InlineData("append", """{"foo":["bar"]}""", """[{"op":"add","path":"/foo/-","value":["abc"]}]""", """{"foo":["bar",["abc"]]}""")]
    [InlineData("negative index", """{"foo":["bar"]}""", """[{"op":"add","path":"/foo/-1","value":"baz"}]""", """{"foo":["bar","baz"]}""")]
    [InlineData("remove", """{"foo":["bar","qux","baz"]}""", """[{"op":"remove","path":"/foo/1"}]""", """{"foo":["bar","baz"]}""")]
    [InlineData("replace", """{"baz":[{"foo":"bar"}]}""", """[{"op":"replace","path":"/baz/0/foo","value":"boo"}]""", """{"baz":[{"foo":"boo"}]}""")]
    [InlineData("replace root", """{"baz":1}""", """[{"op":"replace","path":"","value":{"a":1}}]""", """{"a":1}""")]
    [InlineData("move", """{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}""", """[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]""", """{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}""")]
    [InlineData("move in list", """{"foo":["all","grass","cows","eat"]}""", """[{"op":"move","from":"/foo/1","path":"/foo/3"}]""", """{"foo":["all","cows","eat","grass"]}""")]
    [InlineData("test", """{"baz":"qux","foo":["a",2,"c"]}""", """[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2},{"op":"test","path":"/none","value":null}]""", """{"baz":"qux","foo":["a",2,"c"]}""")]
    [InlineData("copy is a copy", """{"a":{"b":[1]}}""", """[{"op":"copy","from":"/a","path":"/c"},{"op":"add","path":"/c/b/-","value":2}]""", """{"a":{"b":[1]},"c":{"b":[1,2]}}""")]
    [InlineData("escapes", """{"a/b":{"m~n":1}}""", """[{"op":"replace","path":"/a~1b/m~0n","value":2}]""", """{"a/b":{"m~n":2}}""")]
    public void Json_patch_applies(string label, string document, string patch, string expected)
    {
        Assert.NotEmpty(label);
        var original = Parse(document).AsMap!;
        original.Freeze();
        AssertSame(expected, JsonPatch.Apply(original, Parse(patch)));
        AssertSame(document, original);
    }

    [Theory]
    [InlineData("""{"foo":1}""", """[{"op":"add","path":"/a/b","value":1}]""", "add operation does not apply: doc is missing path: \"/a/b\": missing value")]
    [InlineData("""{"foo":1}""", """[{"op":"add","value":1}]""", "add operation failed to decode path: missing value")]
    [InlineData("""{"foo":1}""", """[{"op":"remove","path":"/a"}]""", "error in remove for path: '/a': Unable to remove nonexistent key: a: missing value")]
    [InlineData("""{"foo":[1]}""", """[{"op":"remove","path":"/foo/1"}]""", "error in remove for path: '/foo/1': Unable to access invalid index: 1: invalid index referenced")]
    [InlineData("""{"foo":[1]}""", """[{"op":"add","path":"/foo/x","value":1}]""", "error in add for path: '/foo/x': value was not a proper array index: 'x': strconv.Atoi: parsing \"x\": invalid syntax")]
    [InlineData("""{"foo":[1]}""", """[{"op":"replace","path":"/foo/1","value":1}]""", "replace operation does not apply: doc is missing key: /foo/1: missing value")]
    [InlineData("""{"foo":1}""", """[{"op":"test","path":"/foo","value":2}]""", "testing value /foo failed: test failed")]
    [InlineData("""{"foo":1}""", """[{"op":"move","path":"/foo"}]""", "move operation failed to decode from: operation, missing from field: missing value")]
    [InlineData("""{"foo":1}""", """[{"op":"jump","path":"/foo"}]""", "Unexpected kind: jump")]
    [InlineData("""{"foo":1}""", """{"op":"add"}""", "json: cannot unmarshal object into Go value of type jsonpatch.Patch")]
    public void Json_patch_refuses(string document, string patch, string message) =>
        Assert.Equal(message, Assert.Throws<PatchException>(() => JsonPatch.Apply(Parse(document).AsMap!, Parse(patch))).Message);

    [Fact]
    public void Json_patch_is_bounded()
    {
        var operations = new Sequence();
        for (var i = 0; i <= JsonPatch.MaxOperations; i++)
            operations.Add(new Map { { "op", "add" }, { "path", "/a" }, { "value", i } });
        var status = Assert.Throws<PatchException>(() => JsonPatch.Apply(new Map(), operations)).ToStatus().Status;
        Assert.Equal(413, status.Code);
        Assert.Equal("Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001", status.Message);
        var doubling = new Sequence();
        for (var i = 0; i < 40; i++)
            doubling.Add(new Map { { "op", "copy" }, { "from", "/a" }, { "path", "/a/-" } });
        Assert.StartsWith("Unable to complete the copy", Assert.Throws<PatchException>(
            () => JsonPatch.Apply(new Map { { "a", new Sequence { "x" } } }, doubling)).Message, StringComparison.Ordinal);
    }

    // RFC 7386's appendix.
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void Merge_patch_applies(string document, string patch, string expected) =>
        AssertSame(expected, MergePatch.Apply(Parse(document).AsMap!, Parse(patch)));

    [Fact]
    public void Merge_patch_shares_what_it_leaves_alone()
    {
        var document = Parse("""{"a":{"b":1},"c":{"d":{"e":1}}}""").AsMap!;
        document.Freeze();
        var opened = MergePatch.Apply(document, Parse("""{"c":{"d":{"e":1}}}"""));
        Assert.Equal(document, opened);
        Assert.Same(document.GetMap("a"), opened.GetMap("a"));
        // What the patch goes through is a copy, even where nothing changes: it is printed as opened.
        Assert.False(opened.GetMap("c")!.GetMap("d")!.IsFrozen);
        Assert.Same(document.GetMap("a"), MergePatch.Apply(document, Parse("""{"c":{"d":{"e":2}}}""")).GetMap("a"));
    }

    // Cases of apimachinery/pkg/util/strategicpatch/patch_test.go; its MergeItem is MergeItemSchema here.
    [Theory]
    [InlineData("delete directive for a missing item", "{name: hi, mergingList: [{name: hello2}]}", "{mergingList: [{name: hello}, {$patch: delete, name: doesntexist}]}", "{name: hi, mergingList: [{name: hello}, {name: hello2}]}")]
    [InlineData("delete scalars", "{mergingIntList: [1,2,3,4]}", "{$setElementOrder/mergingIntList: [1,2], $deleteFromPrimitiveList/mergingIntList: [3]}", "{mergingIntList: [1,2,4]}")]
    [InlineData("delete duplicate scalars", "{mergingIntList: [1,2,3,3,4]}", "{$setElementOrder/mergingIntList: [1,2], $deleteFromPrimitiveList/mergingIntList: [3]}", "{mergingIntList: [1,2,4]}")]
    [InlineData("add and delete scalars", "{mergingIntList: [1,2,3]}", "{$setElementOrder/mergingIntList: [1,2,4], $deleteFromPrimitiveList/mergingIntList: [3], mergingIntList: [4]}", "{mergingIntList: [1,2,4]}")]
    [InlineData("merge lists of maps", "{mergingList: [{name: 1, other: a}, {name: 2, value: 2, other: b}]}", "{$setElementOrder/mergingList: [{name: 4}, {name: 1}, {name: 2}, {name: 3}], mergingList: [{name: 4, value: 4}, {name: 3, value: 3}]}", "{mergingList: [{name: 4, value: 4}, {name: 1, other: a}, {name: 2, value: 2, other: b}, {name: 3, value: 3}]}")]
    [InlineData("change an item", "{mergingList: [{name: 1, other: a}, {name: 2, value: 3, other: b}]}", "{$setElementOrder/mergingList: [{name: 1}, {name: 2}, {name: 3}], mergingList: [{name: 2, value: 2}, {name: 3, value: 3}]}", "{mergingList: [{name: 1, other: a}, {name: 2, value: 2, other: b}, {name: 3, value: 3}]}")]
    [InlineData("delete a field of an item", "{mergingList: [{name: 1, value: 1}]}", "{mergingList: [{name: 1, value: null}]}", "{mergingList: [{name: 1}]}")]
    [InlineData("replace list by directive", "{mergingList: [{name: 1}, {name: 2}]}", "{mergingList: [{name: 3}, {$patch: replace}]}", "{mergingList: [{name: 3}]}")]
    [InlineData("replace map by directive", "{simpleMap: {a: 1, b: 2}}", "{simpleMap: {c: 3, $patch: replace}}", "{simpleMap: {c: 3}}")]
    [InlineData("delete map by directive", "{simpleMap: {a: 1}, value: 1}", "{simpleMap: {$patch: delete}}", "{simpleMap: {}, value: 1}")]
    [InlineData("replace all", "{name: a, value: 2}", "{value: 1, $patch: replace}", "{value: 1}")]
    [InlineData("non-merging list", "{nonMergingList: [{name: 1}]}", "{nonMergingList: [{name: 2}]}", "{nonMergingList: [{name: 2}]}")]
    [InlineData("retain keys", "{retainKeysMap: {name: foo, value: bar}}", "{retainKeysMap: {$retainKeys: [name, other], other: 1}}", "{retainKeysMap: {name: foo, other: 1}}")]
    [InlineData("new map loses nulls and directives", "{}", "{simpleMap: {a: 1, b: null}, mergingList: [{$patch: delete, name: x}, {name: y}]}", "{simpleMap: {a: 1}, mergingList: [{name: y}]}")]
    [InlineData("server-only items keep their place", "{mergingIntList: [1,2,3,4]}", "{$setElementOrder/mergingIntList: [4,2]}", "{mergingIntList: [1,3,4,2]}")]
    [InlineData("nested lists", "{mergingList: [{name: 1, mergingList: [{name: 1, other: a}, {name: 2}]}]}", "{mergingList: [{name: 1, mergingList: [{name: 2, $patch: delete}, {name: 1, value: 1}]}]}", "{mergingList: [{name: 1, mergingList: [{name: 1, other: a, value: 1}]}]}")]
    public void Strategic_merge_applies(string label, string document, string patch, string expected)
    {
        Assert.NotEmpty(label);
        var original = Flow.Parse(document);
        var result = StrategicMergePatch.Apply(original, Flow.Parse(patch), MergeItemSchema);
        Assert.True(Flow.Parse(expected).DeepEquals(result), GoText.Json(result));
    }

    [Theory]
    [InlineData("{simpleMap: {a: 1}}", "{simpleMap: {$patch: jump}}", "unknown patch type: jump in map: map[$patch:jump]", 500)]
    [InlineData("{mergingList: [{name: 1}]}", "{mergingList: [{value: 1}]}", "map: map[value:1] does not contain declared merge key: name", 500)]
    [InlineData("{retainKeysMap: {name: foo}}", "{retainKeysMap: {$retainKeys: [name], other: 1}}", "invalid patch format of retainKeys", 400)]
    [InlineData("{mergingList: [{name: 1}]}", "{mergingList: [[1]]}", "list element types are not identical: [[map[name:1]] [[1]]]", 500)]
    [InlineData("{mergingIntList: [1,2]}", "{$setElementOrder/mergingIntList: [2,1], mergingIntList: [1,2]}", "The order in patch list:\n[1 2]\n doesn't match $setElementOrder list:\n[2 1]\n", 500)]
    public void Strategic_merge_refuses(string document, string patch, string message, int code)
    {
        var exception = Assert.Throws<PatchException>(() => StrategicMergePatch.Apply(Flow.Parse(document), Flow.Parse(patch), MergeItemSchema));
        Assert.Equal(message, exception.Message);
        Assert.Equal(code, exception.ToStatus().Status.Code);
    }

    private static readonly SchemaType MergeItemSchema = MakeSchema();

    private static SchemaType MakeSchema()
    {
        SchemaType? schema = null;
        var self = TypeRef.StructOf(() => schema!);
        schema = new SchemaType("MergeItem",
        [
            new SchemaField("name", TypeRef.Scalar(TypeKind.String)),
            new SchemaField("value", TypeRef.Scalar(TypeKind.String)),
            new SchemaField("other", TypeRef.Scalar(TypeKind.String)),
            new SchemaField("mergingList", TypeRef.ListOf(self)) { PatchStrategy = "merge", PatchMergeKey = "name" },
            new SchemaField("nonMergingList", TypeRef.ListOf(self)),
            new SchemaField("mergingIntList", TypeRef.ListOf(TypeRef.Scalar(TypeKind.Int32))) { PatchStrategy = "merge" },
            new SchemaField("simpleMap", TypeRef.MapOf(TypeRef.Scalar(TypeKind.String))),
            new SchemaField("retainKeysMap", self) { PatchStrategy = "retainKeys" },
        ]);
        return schema;
    }

    private static Value Parse(string json) => JsonDecoder.DecodeValue(Encoding.UTF8.GetBytes(json));

    private static void AssertSame(string expected, Map actual) =>
        Assert.True(Parse(expected).Equals(actual), GoText.Json(actual));

    /// <summary>Reads the unquoted one-line notation of the tables above.</summary>
    private static class Flow
    {
        public static Map Parse(string text) => PatchTests.Parse(
            System.Text.RegularExpressions.Regex.Replace(text, @"[$a-zA-Z][$/a-zA-Z0-9]*", match => match.Value == "null" ? "null" : $"\"{match.Value}\"")).AsMap!;
    }
}
