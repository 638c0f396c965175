using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.Labels;

/// <summary>All requirements together; immutable. Reads the query form (<c>app=web,tier in (a,b),!old</c>) and
/// <c>meta/v1 LabelSelector</c>. Follows apimachinery/pkg/labels/selector.go and apis/meta/v1/helpers.go.</summary>
public sealed class LabelSelector
{
    private readonly LabelRequirement[] _requirements;

    private LabelSelector(IEnumerable<LabelRequirement> requirements) =>
        _requirements = [.. requirements.OrderBy(requirement => requirement.Key, StringComparer.Ordinal)];

    /// <summary>Matches all objects.</summary>
    public static LabelSelector Everything { get; } = new([]);

    /// <summary>Matches no object (an absent <c>meta/v1 LabelSelector</c>).</summary>
    public static LabelSelector Nothing { get; } = new([]);

    /// <summary>True when it restricts nothing.</summary>
    public bool IsEmpty => _requirements.Length == 0 && !ReferenceEquals(this, Nothing);

    /// <summary>Sorted by key.</summary>
    public IReadOnlyList<LabelRequirement> Requirements => _requirements;

    /// <summary>Parses the query form; false with upstream's message.</summary>
    public static bool TryParse(string text, out LabelSelector selector, out string error)
    {
        if (text.Length == 0)
        {
            (selector, error) = (Everything, "");
            return true;
        }

        var requirements = LabelSelectorParser.Parse(text, out error);
        selector = requirements is null ? Nothing : requirements.Count == 0 ? Everything : new LabelSelector(requirements);
        return requirements is not null;
    }

    /// <summary>Parses the query form.</summary>
    /// <exception cref="FormatException">With upstream's message.</exception>
    public static LabelSelector Parse(string text) =>
        TryParse(text, out var selector, out var error) ? selector : throw new FormatException(error);

    /// <summary>Reads a <c>meta/v1 LabelSelector</c>: absent matches nothing, empty matches everything.</summary>
    public static bool TryFromMeta(Map? selector, out LabelSelector result, out string error)
    {
        (result, error) = (Nothing, "");
        if (selector is null)
            return true;
        var requirements = new List<LabelRequirement>();
        foreach (var (key, value) in selector.GetMap("matchLabels") ?? Map.Empty)
        {
            if (!LabelRequirement.TryCreate(key, LabelOperator.Equals, [value.AsString ?? ""], out var requirement, out error))
                return false;
            requirements.Add(requirement);
        }

        foreach (var item in selector.GetSequence("matchExpressions") ?? Sequence.Empty)
        {
            var expression = item.AsMap ?? Map.Empty;
            LabelOperator? op = expression.GetString("operator") switch
            {
                "In" => LabelOperator.In,
                "NotIn" => LabelOperator.NotIn,
                "Exists" => LabelOperator.Exists,
                "DoesNotExist" => LabelOperator.DoesNotExist,
                _ => null,
            };
            if (op is null)
            {
                error = $"{GoText.Quote(expression.GetString("operator") ?? "")} is not a valid label selector operator";
                return false;
            }

            var values = (expression.GetSequence("values") ?? Sequence.Empty).Select(value => value.AsString ?? "");
            if (!LabelRequirement.TryCreate(expression.GetString("key") ?? "", op.Value, values, out var requirement, out error))
                return false;
            requirements.Add(requirement);
        }

        result = requirements.Count == 0 ? Everything : new LabelSelector(requirements);
        return true;
    }

    /// <inheritdoc cref="TryFromMeta"/>
    /// <exception cref="FormatException">With upstream's message.</exception>
    public static LabelSelector FromMeta(Map? selector) =>
        TryFromMeta(selector, out var result, out var error) ? result : throw new FormatException(error);

    /// <summary>Matches objects that carry all of these labels (a Service's or ReplicationController's selector); nothing is
    /// validated, absent and empty match everything.</summary>
    public static LabelSelector FromSet(Map? labels) => labels is null || labels.Count == 0
        ? Everything
        : new LabelSelector(labels.Select(pair => LabelRequirement.FromValidated(pair.Key, LabelOperator.Equals, pair.Value.AsString ?? "")));

    public static LabelSelector FromRequirements(params IEnumerable<LabelRequirement> requirements) => new(requirements);

    /// <summary>This selector with more requirements; nothing stays nothing.</summary>
    public LabelSelector Add(params IEnumerable<LabelRequirement> requirements) =>
        ReferenceEquals(this, Nothing) ? this : new LabelSelector(_requirements.Concat(requirements));

    public bool Matches(Map? labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels))
                return false;
        }

        return !ReferenceEquals(this, Nothing);
    }

    /// <summary>The one value that a label must have, if the selector says so.</summary>
    public bool RequiresExactMatch(string label, out string value)
    {
        value = "";
        foreach (var requirement in _requirements)
        {
            if (requirement.Key != label)
                continue;
            if (requirement.Operator is not (LabelOperator.Equals or LabelOperator.DoubleEquals or LabelOperator.In) || requirement.Values.Count != 1)
                return false;
            value = requirement.Values[0];
            return true;
        }

        return false;
    }

    /// <summary>The canonical query form.</summary>
    public override string ToString() => string.Join(",", _requirements.Select(requirement => requirement.ToString()));
}
