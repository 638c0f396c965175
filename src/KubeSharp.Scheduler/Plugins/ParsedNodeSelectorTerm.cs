using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Plugins;

/// <summary>One term of a node selector, ready to be compared with many nodes
/// (k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go).</summary>
internal sealed class ParsedNodeSelectorTerm
{
    private readonly LabelSelector? _labels;
    private readonly (bool In, string Value)[] _names;
    private readonly bool _nothing;

    public ParsedNodeSelectorTerm(NodeSelectorTerm term)
    {
        _names = [];
        if (term.MatchExpressions.IsEmpty && term.MatchFields.IsEmpty)
        {
            _nothing = true;
            return;
        }

        var requirements = new List<LabelRequirement>(term.MatchExpressions.Count);
        foreach (var expression in term.MatchExpressions)
        {
            if (OperatorOf(expression.Operator) is { } op
                && LabelRequirement.TryCreate(expression.Key, op, expression.Values, out var requirement, out _))
                requirements.Add(requirement);
            else
                _nothing = true;
        }

        _labels = requirements.Count == 0 ? null : LabelSelector.FromRequirements(requirements);

        // The name is the only field, and its sets hold one value.
        var names = new List<(bool In, string Value)>(term.MatchFields.Count);
        foreach (var field in term.MatchFields)
        {
            if (field.Key == "metadata.name" && field.Operator is "In" or "NotIn" && field.Values.Count == 1)
                names.Add((field.Operator == "In", field.Values[0]));
            else
                _nothing = true;
        }

        _names = [.. names];
    }

    public bool Matches(NodeInfo node)
    {
        if (_nothing)
            return false;
        foreach (var (isIn, value) in _names)
        {
            if (value == node.Name != isIn)
                return false;
        }

        return _labels is null || _labels.Matches(node.Labels ?? Map.Empty);
    }

    private static LabelOperator? OperatorOf(string text) => text switch
    {
        "In" => LabelOperator.In,
        "NotIn" => LabelOperator.NotIn,
        "Exists" => LabelOperator.Exists,
        "DoesNotExist" => LabelOperator.DoesNotExist,
        "Gt" => LabelOperator.GreaterThan,
        "Lt" => LabelOperator.LessThan,
        _ => null,
    };
}
