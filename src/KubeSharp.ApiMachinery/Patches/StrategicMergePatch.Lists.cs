using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.Patches;

/// <content>Lists: merging by key, and the order of the result.</content>
public static partial class StrategicMergePatch
{
    private static Sequence MergeList(Sequence original, Sequence patch, PatchSchema schema, string mergeKey, bool isDeleteList)
    {
        if (original.Count == 0 && patch.Count == 0)
            return original;
        var kind = ItemKind(original, patch);
        if (kind != ValueKind.Map)
        {
            if (isDeleteList)
                return ToSequence(original.Where(item => !Contains(patch, item)));
            var all = Distinct(original.Concat(patch));
            return Order(
                all.Where(item => Contains(patch, item)), all.Where(item => !Contains(patch, item)), patch, original, mergeKey);
        }

        if (mergeKey.Length == 0)
            throw new PatchException("cannot merge lists without merge key for struct", PatchFailure.Unclassified);
        var (current, changes) = ApplyItemDirectives(original, patch, mergeKey);
        var merged = new List<Value>(current);
        foreach (var change in changes)
        {
            var map = change.AsMap!;
            if (!map.TryGetValue(mergeKey, out var key))
                throw NoMergeKey(map, mergeKey);
            var at = FindByKey(merged, mergeKey, key);
            if (at < 0)
                merged.Add(change);
            else
                merged[at] = MergeMap(merged[at].AsMap!, map, schema);
        }

        var (inPatch, serverOnly) = Partition(merged, changes, mergeKey);
        return Order(inPatch, serverOnly, ToSequence(changes), ToSequence(current), mergeKey);
    }

    // `$patch: delete` removes the items of its key, `$patch: replace` anywhere replaces the list by the other items.
    private static (List<Value> Current, List<Value> Changes) ApplyItemDirectives(Sequence original, Sequence patch, string mergeKey)
    {
        var current = original.ToList();
        var changes = new List<Value>();
        var replace = false;
        foreach (var item in patch)
        {
            var map = item.AsMap!;
            if (!map.TryGetValue(Directive, out var directive))
            {
                changes.Add(item);
                continue;
            }

            switch (directive.AsString)
            {
                case "delete":
                    if (!map.TryGetValue(mergeKey, out var key))
                        throw NoMergeKey(map, mergeKey);
                    current.RemoveAll(candidate => candidate.AsMap!.TryGetValue(mergeKey, out var value) && value.Equals(key));
                    break;
                case "replace":
                    replace = true;
                    break;
                case "merge":
                    throw new PatchException("merging lists cannot yet be specified in the patch", PatchFailure.Unclassified);
                default:
                    throw BadPatchType(directive, map);
            }
        }

        return replace ? (changes, []) : (current, changes);
    }

    // `$setElementOrder/x` merges x's list at once and orders the result by the given list.
    private static void ApplyElementOrders(Map result, Map patch, PatchSchema schema)
    {
        var orders = patch.Where(pair => pair.Key.StartsWith(SetElementOrder, StringComparison.Ordinal)).ToList();
        foreach (var (key, value) in orders)
        {
            patch.Remove(key);
            var order = value.AsSequence ?? throw BadType(GoPrint.SequenceType, value);
            var name = ExtractKey(key, SetElementOrder, BadElementOrder);
            var original = ListAt(result, name);
            var changes = ListAt(patch, name);
            var below = schema.ForSlice(name, out var strategy, out var mergeKey);
            CheckOrder(changes ?? Sequence.Empty, order, mergeKey);
            Sequence merged;
            if (original is not null)
                merged = changes is null ? original : strategy == "merge" ? MergeList(original, changes, below, mergeKey, false) : changes;
            else if (changes is not null)
                merged = WithoutDirectives(changes).AsSequence!;
            else
                continue;
            var kind = ItemKind(original ?? Sequence.Empty, changes ?? Sequence.Empty);
            var (inOrder, serverOnly) = mergeKey.Length == 0
                ? (merged.Where(item => Contains(order, item)).ToList(), merged.Where(item => !Contains(order, item)).ToList())
                : Partition([.. merged], [.. order], mergeKey);
            if (kind == ValueKind.Map)
                CheckMergeKeys(mergeKey, order, original ?? Sequence.Empty);
            result.Set(name, Order(inOrder, serverOnly, order, original ?? Sequence.Empty, mergeKey));
            patch.Remove(name);
        }
    }

    private static Sequence? ListAt(Map map, string key) => map.TryGetValue(key, out var value)
        ? value.AsSequence ?? throw BadType(GoPrint.SequenceType, value)
        : null;

    // The patch's items must come in the order that they have in the order list.
    private static void CheckOrder(Sequence patch, Sequence order, string mergeKey)
    {
        if (patch.Count == 0 || order.Count == 0)
            return;
        var items = new List<Value>(patch.Count);
        foreach (var item in patch)
        {
            if (mergeKey.Length > 0 && item.AsMap is null)
                throw BadType(GoPrint.MapType, item);
            if (mergeKey.Length == 0 || item.AsMap!.GetString(Directive) != "delete")
                items.Add(item);
        }

        var (at, orderAt) = (0, 0);
        while (at < items.Count && orderAt < order.Count)
        {
            if (IsDirective(items[at]))
            {
                at++;
                continue;
            }

            if (SameKey(items[at], order[orderAt], mergeKey))
                at++;
            orderAt++;
        }

        if (at < items.Count && orderAt >= order.Count)
        {
            throw new PatchException(
                $"The order in patch list:\n{GoPrint.Plain(patch)}\n doesn't match {SetElementOrder} list:\n{GoPrint.Plain(order)}\n",
                PatchFailure.Unclassified);
        }
    }

    private static bool SameKey(Value left, Value right, string mergeKey)
    {
        if (mergeKey.Length == 0)
            return left.Equals(right);
        return KeyOf(left, mergeKey).Equals(KeyOf(right, mergeKey));
    }

    private static Value KeyOf(Value item, string mergeKey)
    {
        var map = item.AsMap ?? throw BadType(GoPrint.MapType, item);
        return map.TryGetValue(mergeKey, out var key) ? key : throw NoMergeKey(map, mergeKey);
    }

    private static void CheckMergeKeys(string mergeKey, params ReadOnlySpan<Sequence> lists)
    {
        foreach (var list in lists)
        {
            foreach (var item in list)
                KeyOf(item, mergeKey);
        }
    }

    private static (List<Value> In, List<Value> Out) Partition(List<Value> items, List<Value> by, string mergeKey)
    {
        var (present, absent) = (new List<Value>(), new List<Value>());
        foreach (var item in items)
            (FindByKey(by, mergeKey, KeyOf(item, mergeKey)) >= 0 ? present : absent).Add(item);
        return (present, absent);
    }

    private static int FindByKey(List<Value> items, string mergeKey, Value key)
    {
        for (var i = 0; i < items.Count; i++)
        {
            var map = items[i].AsMap ?? throw new PatchException($"value for key {i} is not a map", PatchFailure.Unclassified);
            if (map.TryGetValue(mergeKey, out var value) && value.Equals(key))
                return i;
        }

        return -1;
    }

    // Patched items in the patch's order and the others in the server's; where both lists know a pair, the server's order decides.
    private static Sequence Order(
        IEnumerable<Value> patched, IEnumerable<Value> serverOnly, Sequence patchOrder, Sequence serverOrder, string mergeKey)
    {
        var right = patched.OrderBy(item => IndexOf(patchOrder, item, mergeKey)).ToList();
        var left = serverOnly.OrderBy(item => IndexOf(serverOrder, item, mergeKey)).ToList();
        var result = new Sequence(left.Count + right.Count);
        var (i, j) = (0, 0);
        while (i < left.Count || j < right.Count)
        {
            var takeLeft = j >= right.Count;
            if (!takeLeft && i < left.Count)
            {
                var leftAt = IndexOf(serverOrder, left[i], mergeKey);
                var rightAt = IndexOf(serverOrder, right[j], mergeKey);
                takeLeft = leftAt >= 0 && rightAt >= 0 && leftAt < rightAt;
            }

            result.Add(takeLeft ? left[i++] : right[j++]);
        }

        return result;
    }

    private static int IndexOf(Sequence list, Value item, string mergeKey)
    {
        var key = Selector(item, mergeKey);
        for (var i = 0; i < list.Count; i++)
        {
            if (Selector(list[i], mergeKey).Equals(key))
                return i;
        }

        return -1;
    }

    private static Value Selector(Value item, string mergeKey) => item.AsMap is { } map ? map[mergeKey] : item;

    private static bool Contains(Sequence list, Value item) => IndexOf(list, item, "") >= 0;

    private static List<Value> Distinct(IEnumerable<Value> items)
    {
        var result = new List<Value>();
        foreach (var item in items)
        {
            if (!result.Contains(item))
                result.Add(item);
        }

        return result;
    }

    private static ValueKind ItemKind(Sequence first, Sequence second)
    {
        var kind = ValueKind.Undefined;
        foreach (var item in first.Concat(second))
        {
            if (kind == ValueKind.Undefined)
            {
                kind = item.Kind;
                if (kind == ValueKind.Sequence)
                    throw new PatchException("lists of lists are not supported", PatchFailure.DoesNotApply);
            }
            else if (item.Kind != kind)
            {
                throw new PatchException(
                    $"list element types are not identical: [{GoPrint.Plain(first)} {GoPrint.Plain(second)}]", PatchFailure.Unclassified);
            }
        }

        return kind != ValueKind.Undefined ? kind
            : throw new PatchException("no elements in any of the given slices", PatchFailure.Unclassified);
    }

    private static Sequence ToSequence(IEnumerable<Value> items)
    {
        var sequence = new Sequence();
        foreach (var item in items)
            sequence.Add(item);
        return sequence;
    }
}
