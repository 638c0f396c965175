using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.Patches;

/// <summary>The place that a JSON pointer names: a map or sequence, and a key in it. Operations answer an error text or null.</summary>
internal sealed class PatchTarget
{
    private readonly Map? _map;
    private readonly Sequence? _sequence;

    private PatchTarget(Value container, string key)
    {
        _map = container.AsMap;
        _sequence = container.AsSequence;
        Key = key;
    }

    /// <summary>The last part of the pointer, unescaped.</summary>
    public string Key { get; }

    /// <summary>Walks all parts but the last; null when one is missing. For an edit, frozen nodes on the way are replaced by
    /// copies in their (already editable) parents.</summary>
    public static PatchTarget? Find(Value root, string pointer, bool edit)
    {
        var parts = pointer.Split('/');
        if (parts.Length < 2)
            return null;
        var at = root;
        for (var i = 1; i < parts.Length - 1; i++)
        {
            var step = new PatchTarget(at, Decode(parts[i]));
            if (step.Get(out var next) is not null || (next.AsMap is null && next.AsSequence is null))
                return null;
            if (edit)
            {
                Value editable = next.AsMap is { } map ? map.Thaw() : next.AsSequence!.Thaw();
                if (!editable.IsSameNode(next))
                    step.Set(editable);
                next = editable;
            }

            at = next;
        }

        return new PatchTarget(at, Decode(parts[^1]));
    }

    /// <summary>The value here; a missing key of a map is no error.</summary>
    public string? Get(out Value value)
    {
        value = default;
        if (_map is not null)
        {
            value = _map[Key];
            return null;
        }

        if (!TryIndex(out var index, out var error))
            return error;
        if (index >= _sequence!.Count || index < -_sequence.Count)
            return InvalidIndex(index);
        value = _sequence[index < 0 ? index + _sequence.Count : index];
        return null;
    }

    /// <summary>Replaces; only after <see cref="Get"/> found the place.</summary>
    public void Set(Value value)
    {
        if (_map is not null)
        {
            _map.Set(Key, value);
            return;
        }

        TryIndex(out var index, out _);
        _sequence![index < 0 ? index + _sequence.Count : index] = value;
    }

    public string? Add(Value value)
    {
        if (value.IsUndefined)
            value = Value.Null;
        if (_map is not null)
        {
            _map.Set(Key, value);
            return null;
        }

        if (Key == "-")
        {
            _sequence!.Add(value);
            return null;
        }

        if (!TryIndex(out var index, out var error))
            return $"value was not a proper array index: '{Key}': {error}";
        var size = _sequence!.Count + 1;
        if (index >= size || index < -size)
            return InvalidIndex(index);
        _sequence.Insert(index < 0 ? index + size : index, value);
        return null;
    }

    public string? Remove()
    {
        if (_map is not null)
            return _map.Remove(Key) ? null : $"Unable to remove nonexistent key: {Key}: missing value";
        if (!TryIndex(out var index, out var error))
            return error;
        if (index >= _sequence!.Count || index < -_sequence.Count)
            return InvalidIndex(index);
        _sequence.RemoveAt(index < 0 ? index + _sequence.Count : index);
        return null;
    }

    private static string Decode(string part) =>
        part.Contains('~') ? part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal) : part;

    private static string InvalidIndex(int index) => $"Unable to access invalid index: {index}: invalid index referenced";

    private bool TryIndex(out int index, out string error)
    {
        error = "";
        if (int.TryParse(Key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out index))
            return true;
        error = $"strconv.Atoi: parsing {GoText.Quote(Key)}: invalid syntax";
        return false;
    }
}
