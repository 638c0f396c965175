using System.Globalization;
using System.Text;

namespace KubeSharp.ApiMachinery.Validation;

/// <summary>The path of a field from the object's root, printed as <c>spec.containers[0].image</c>. Immutable.
/// Follows apimachinery/pkg/util/validation/field/path.go.</summary>
public sealed class FieldPath
{
    private readonly FieldPath? _parent;
    private readonly string _text;
    private readonly bool _subscript;

    public FieldPath(string name, params ReadOnlySpan<string> moreNames)
    {
        FieldPath? parent = null;
        foreach (var more in moreNames)
        {
            parent = new FieldPath(parent, name, false);
            name = more;
        }

        _parent = parent;
        _text = name;
        _subscript = name.Length == 0;
    }

    private FieldPath(FieldPath? parent, string text, bool subscript)
    {
        _parent = parent;
        _text = text;
        _subscript = subscript;
    }

    /// <summary>A field of the value at this path. An empty name prints as an empty subscript, as upstream's does.</summary>
    public FieldPath Child(string name) => new(this, name, name.Length == 0);

    public FieldPath Child(string name, params ReadOnlySpan<string> moreNames)
    {
        var path = Child(name);
        foreach (var more in moreNames)
            path = path.Child(more);
        return path;
    }

    /// <summary>An item of the list at this path.</summary>
    public FieldPath Index(int index) => new(this, index.ToString(CultureInfo.InvariantCulture), true);

    /// <summary>An entry of the map at this path.</summary>
    public FieldPath Key(string key) => new(this, key, true);

    public override string ToString()
    {
        if (_parent is null)
            return _subscript ? $"[{_text}]" : _text;
        var elements = new Stack<FieldPath>();
        for (var path = this; path is not null; path = path._parent)
            elements.Push(path);
        var builder = new StringBuilder();
        foreach (var element in elements)
        {
            if (element._subscript)
                builder.Append('[').Append(element._text).Append(']');
            else
                builder.Append(element._parent is null ? "" : ".").Append(element._text);
        }

        return builder.ToString();
    }
}
