namespace KubeSharp.ApiMachinery.Labels;

/// <summary>How a requirement compares (apimachinery/pkg/selection/operator.go).</summary>
public enum LabelOperator
{
    Exists,
    DoesNotExist,
    Equals,
    DoubleEquals,
    NotEquals,
    In,
    NotIn,
    GreaterThan,
    LessThan,
}
