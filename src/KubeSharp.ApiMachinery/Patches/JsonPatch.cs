using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.Patches;

/// <summary>JSON patch, RFC 6902, with the leniencies and messages of evanphx/json-patch v4 (patch.go): negative indices count from
/// the end, <c>replace</c> creates a missing key, <c>add</c> without a value adds null.</summary>
public static class JsonPatch
{
    /// <summary>apiserver/pkg/endpoints/handlers/patch.go: maxJSONPatchOperations.</summary>
    public const int MaxOperations = 10000;

    /// <summary>How many bytes of JSON the <c>copy</c> operations of one patch may add (JSONPatchMaxCopyBytes).</summary>
    public const long MaxCopyBytes = 3 * 1024 * 1024;

    private const string Missing = "missing value";
    private const string TestFailed = "test failed";

    /// <summary>The patched document; it shares what the patch leaves alone. The document is frozen or not changed.</summary>
    /// <exception cref="PatchException">The patch is malformed or does not apply.</exception>
    public static Map Apply(Map document, Value patch)
    {
        var operations = Operations(patch);
        if (operations.Count > MaxOperations)
        {
            throw new PatchException(
                $"The allowed maximum operations in a JSON patch is {MaxOperations}, got {operations.Count}", PatchFailure.TooLarge);
        }

        patch.Freeze();
        document.Freeze();
        Value root = document.ShallowClone();
        long copied = 0;
        foreach (var item in operations)
            root = Run(root, item.AsMap ?? Map.Empty, ref copied);
        return root.AsMap
            ?? throw new PatchException("json: cannot unmarshal array into Go value of type map[string]interface {}", PatchFailure.DoesNotApply);
    }

    /// <summary>What strict field validation reports: members that no operation has.</summary>
    public static IEnumerable<string> StrictErrors(Value patch)
    {
        var operations = patch.AsSequence ?? Sequence.Empty;
        for (var i = 0; i < operations.Count; i++)
        {
            foreach (var (key, _) in operations[i].AsMap ?? Map.Empty)
            {
                if (key is not ("op" or "path" or "from" or "value"))
                    yield return $"json patch unknown field \"[{i}].{key}\"";
            }
        }
    }

    private static Sequence Operations(Value patch)
    {
        if (patch.IsNullOrUndefined)
            return Sequence.Empty;
        var operations = patch.AsSequence ?? throw CannotDecode(patch, "jsonpatch.Patch");
        foreach (var item in operations)
        {
            if (item.Kind is not (ValueKind.Map or ValueKind.Null))
                throw CannotDecode(item, "jsonpatch.Operation");
        }

        return operations;
    }

    /// <summary>A JSON value's kind as Go's decoder names it.</summary>
    public static string GoKind(Value value) => value.Kind switch
    {
        ValueKind.Map => "object",
        ValueKind.Sequence => "array",
        ValueKind.String => "string",
        ValueKind.Boolean => "bool",
        _ => "number",
    };

    private static PatchException CannotDecode(Value value, string type) =>
        new($"json: cannot unmarshal {GoKind(value)} into Go value of type {type}", PatchFailure.Malformed);

    private static Value Run(Value root, Map operation, ref long copied)
    {
        var kind = operation.GetString("op") ?? "unknown";
        switch (kind)
        {
            case "add":
            {
                var path = PathOf(operation) ?? throw Fail($"add operation failed to decode path: {Missing}");
                var target = PatchTarget.Find(root, path, edit: true)
                    ?? throw Fail($"add operation does not apply: doc is missing path: \"{path}\": {Missing}");
                Check(target.Add(ValueOf(operation)), $"error in add for path: '{path}'");
                return root;
            }

            case "remove":
            {
                var path = PathOf(operation) ?? throw Fail($"remove operation failed to decode path: {Missing}");
                var target = PatchTarget.Find(root, path, edit: true)
                    ?? throw Fail($"remove operation does not apply: doc is missing path: \"{path}\": {Missing}");
                Check(target.Remove(), $"error in remove for path: '{path}'");
                return root;
            }

            case "replace":
                return Replace(root, operation);
            case "move":
                Move(root, operation);
                return root;
            case "test":
                Test(root, operation);
                return root;
            case "copy":
                Copy(root, operation, ref copied);
                return root;
            default:
                throw Fail($"Unexpected kind: {kind}");
        }
    }

    private static Value Replace(Value root, Map operation)
    {
        var path = PathOf(operation) ?? throw Fail($"replace operation failed to decode path: operation missing path field: {Missing}");
        if (path.Length == 0)
        {
            return ValueOf(operation) switch
            {
                { AsMap: { } map } => map.ShallowClone(),
                { AsSequence: { } sequence } => sequence.ShallowClone(),
                _ => throw Fail("replace operation value must be object or array: %!w(<nil>)"),
            };
        }

        var target = PatchTarget.Find(root, path, edit: true)
            ?? throw Fail($"replace operation does not apply: doc is missing path: {path}: {Missing}");
        if (target.Get(out _) is not null)
            throw Fail($"replace operation does not apply: doc is missing key: {path}: {Missing}");
        target.Set(ValueOf(operation));
        return root;
    }

    private static void Move(Value root, Map operation)
    {
        var from = operation.GetString("from") ?? throw Fail($"move operation failed to decode from: operation, missing from field: {Missing}");
        var source = PatchTarget.Find(root, from, edit: true)
            ?? throw Fail($"move operation does not apply: doc is missing from path: {from}: {Missing}");
        Check(source.Get(out var value), $"error in move for path: '{source.Key}'");
        Check(source.Remove(), $"error in move for path: '{source.Key}'");
        var path = PathOf(operation) ?? throw Fail($"move operation failed to decode path: operation missing path field: {Missing}");
        var target = PatchTarget.Find(root, path, edit: true)
            ?? throw Fail($"move operation does not apply: doc is missing destination path: {path}: {Missing}");
        Check(target.Add(value), $"error in move for path: '{path}'");
    }

    private static void Test(Value root, Map operation)
    {
        var path = PathOf(operation) ?? throw Fail($"test operation failed to decode path: operation missing path field: {Missing}");
        var expected = operation["value"];
        if (path.Length == 0)
        {
            if (!root.Equals(expected))
                throw Fail($"testing value {path} failed: {TestFailed}");
            return;
        }

        var target = PatchTarget.Find(root, path, edit: true)
            ?? throw Fail($"test operation does not apply: is missing path: {path}: {Missing}");
        Check(target.Get(out var actual), $"error in test for path: '{path}'");
        if (actual.AsMap is not null || actual.AsSequence is not null)
        {
            // Comparing opens it.
            actual = actual.DeepClone();
            target.Set(actual);
        }

        var equal = actual.IsNullOrUndefined ? expected.IsNullOrUndefined : actual.Equals(expected);
        if (!equal)
            throw Fail($"testing value {path} failed: {TestFailed}");
    }

    private static void Copy(Value root, Map operation, ref long copied)
    {
        var from = operation.GetString("from") ?? throw Fail($"copy operation failed to decode from: operation, missing from field: {Missing}");
        var source = PatchTarget.Find(root, from, edit: true)
            ?? throw Fail($"copy operation does not apply: doc is missing from path: {from}: {Missing}");
        Check(source.Get(out var value), $"error in copy for from: '{from}'");

        // Both places may hold the same frozen node: edits copy it on the way down, the search for the target included.
        value.Freeze();
        var path = PathOf(operation) ?? throw Fail($"copy operation failed to decode path: {Missing}");
        var target = PatchTarget.Find(root, path, edit: true)
            ?? throw Fail($"copy operation does not apply: doc is missing destination path: {path}: {Missing}");
        if (!value.IsNullOrUndefined)
            copied += Encoding.UTF8.GetByteCount(GoText.Json(value));
        if (copied > MaxCopyBytes)
            throw Fail($"Unable to complete the copy, the accumulated size increase of copy is {copied}, exceeding the limit {MaxCopyBytes}");
        Check(target.Add(value.IsUndefined ? Value.Null : value), "error while adding value during copy");
    }

    private static string? PathOf(Map operation) => operation.GetString("path");

    private static Value ValueOf(Map operation) => operation.TryGetValue("value", out var value) ? value : Value.Null;

    private static void Check(string? error, string context)
    {
        if (error is not null)
            throw Fail($"{context}: {error}");
    }

    private static PatchException Fail(string message) => new(message, PatchFailure.DoesNotApply);
}
