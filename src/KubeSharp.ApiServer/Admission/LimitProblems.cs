using System.Globalization;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ComponentBase.Quota;

namespace KubeSharp.ApiServer.Admission;

/// <summary>What an object has against one limit range, in upstream's words
/// (limitranger/admission.go minConstraint, maxConstraint, limitRequestRatioConstraint; v1.36).</summary>
internal sealed class LimitProblems
{
    /// <summary>The largest value whose thousandfold still fits.</summary>
    private const long MaxMilliValue = long.MaxValue / 1000;

    private readonly List<string> _problems = [];

    /// <summary>All problems in one text, each once; null when there is none.</summary>
    public string? Text => _problems.Count switch { 0 => null, 1 => _problems[0], _ => $"[{string.Join(", ", _problems)}]" };

    public void CheckAll(LimitRangeItem item, ResourceList requests, ResourceList limits)
    {
        foreach (var (name, enforced) in ResourceList.From(item.Min))
            CheckMinimum(item.Type, name, enforced, requests, limits);
        foreach (var (name, enforced) in ResourceList.From(item.Max))
            CheckMaximum(item.Type, name, enforced, requests, limits);
        foreach (var (name, enforced) in ResourceList.From(item.MaxLimitRequestRatio))
            CheckRatio(item.Type, name, enforced, requests, limits);
    }

    public void CheckMinimum(string type, string name, Quantity enforced, ResourceList requests, ResourceList limits)
    {
        var values = new Values(requests[name], limits[name], enforced);
        var prefix = $"minimum {name} usage per {type} is {enforced}";
        if (!requests.Has(name))
            Add($"{prefix}.  No request is specified");
        else if (values.Request < values.Enforced)
            Add($"{prefix}, but request is {requests[name]}");
        else if (limits.Has(name) && values.Limit < values.Enforced)
            Add($"{prefix}, but limit is {limits[name]}");
    }

    public void CheckMaximumRequest(string type, string name, Quantity enforced, ResourceList requests)
    {
        var values = new Values(requests[name], default, enforced);
        var prefix = $"maximum {name} usage per {type} is {enforced}";
        if (!requests.Has(name))
            Add($"{prefix}.  No request is specified");
        else if (values.Request > values.Enforced)
            Add($"{prefix}, but request is {requests[name]}");
    }

    private void CheckMaximum(string type, string name, Quantity enforced, ResourceList requests, ResourceList limits)
    {
        var values = new Values(requests[name], limits[name], enforced);
        var prefix = $"maximum {name} usage per {type} is {enforced}";
        if (!limits.Has(name))
            Add($"{prefix}.  No limit is specified");
        else if (values.Limit > values.Enforced)
            Add($"{prefix}, but limit is {limits[name]}");
        else if (requests.Has(name) && values.Request > values.Enforced)
            Add($"{prefix}, but request is {requests[name]}");
    }

    private void CheckRatio(string type, string name, Quantity enforced, ResourceList requests, ResourceList limits)
    {
        var values = new Values(requests[name], limits[name], enforced);
        var prefix = $"{name} max limit to request ratio per {type} is {enforced}";
        if (!requests.Has(name) || values.Request == 0)
        {
            Add($"{prefix}, but no request is specified or request is 0");
            return;
        }

        if (!limits.Has(name) || values.Limit == 0)
        {
            Add($"{prefix}, but no limit is specified or limit is 0");
            return;
        }

        var ratio = (double)values.Limit / values.Request;
        var isFine = enforced.Value() <= MaxMilliValue;
        if (isFine ? ratio * 1000 > enforced.MilliValue() : ratio > enforced.Value())
            Add($"{prefix}, but provided ratio is {ratio.ToString("F6", CultureInfo.InvariantCulture)}");
    }

    private void Add(string problem)
    {
        if (!_problems.Contains(problem))
            _problems.Add(problem);
    }

    /// <summary>The three at one precision: thousandths where none of them is too large for that.</summary>
    private readonly struct Values
    {
        public Values(Quantity request, Quantity limit, Quantity enforced)
        {
            (Request, Limit, Enforced) = (request.Value(), limit.Value(), enforced.Value());
            if (Request <= MaxMilliValue && Limit <= MaxMilliValue && Enforced <= MaxMilliValue)
                (Request, Limit, Enforced) = (request.MilliValue(), limit.MilliValue(), enforced.MilliValue());
        }

        public long Request { get; }

        public long Limit { get; }

        public long Enforced { get; }
    }
}
