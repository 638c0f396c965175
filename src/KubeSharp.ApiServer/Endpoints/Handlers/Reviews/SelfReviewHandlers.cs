using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiServer.Authorization.Rbac;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.Handlers.Reviews;

/// <summary>Who am I: SelfSubjectReview (pkg/registry/authentication/selfsubjectreview, v1.36).</summary>
public sealed class SelfSubjectReviewHandler(WriteFlow flow, TimeProvider time) : ReviewHandler(flow)
{
    protected override async ValueTask<Map> AnswerAsync(ApiRequest request, OperationContext operation, Map obj, Func<ValueTask> admit)
    {
        await admit().ConfigureAwait(false);
        return new Map(4)
        {
            { "kind", obj["kind"] },
            { "apiVersion", obj["apiVersion"] },
            { "metadata", new Map(1) { { "creationTimestamp", time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) } } },
            { "status", new Map(1) { { "userInfo", UserInfoMap.From(request.User) } } },
        };
    }
}

/// <summary>What may I in a namespace: SelfSubjectRulesReview (pkg/registry/authorization/selfsubjectrulesreview, v1.36).</summary>
public sealed class SelfSubjectRulesReviewHandler(WriteFlow flow, IReadOnlyList<IRuleResolver> resolvers) : ReviewHandler(flow)
{
    protected override async ValueTask<Map> AnswerAsync(ApiRequest request, OperationContext operation, Map obj, Func<ValueTask> admit)
    {
        var @namespace = obj.GetMap("spec")?.GetString("namespace") ?? "";
        if (@namespace.Length == 0)
            throw StatusErrors.BadRequest("no namespace on request");
        await admit().ConfigureAwait(false);

        var resourceRules = new Sequence();
        var pathRules = new Sequence();
        var errors = new List<string>();
        var incomplete = false;
        foreach (var resolver in resolvers)
        {
            var found = resolver.RulesFor(request.User, @namespace);
            incomplete |= found.Incomplete;
            if (found.Error is { } error)
                errors.Add(error);
            foreach (var rule in found.Rules)
            {
                if (rule.Resources.Length > 0)
                    resourceRules.Add(ResourceRule(rule));
                if (rule.NonResourceUrls.Length > 0)
                    pathRules.Add(new Map(2) { { "verbs", UserInfoMap.List(rule.Verbs) }, { "nonResourceURLs", UserInfoMap.List(rule.NonResourceUrls) } });
            }
        }

        var status = new Map(4) { { "resourceRules", resourceRules }, { "nonResourceRules", pathRules }, { "incomplete", incomplete } };
        if (errors.Count > 0)
            status.Set("evaluationError", errors is [var one] ? one : $"[{string.Join(", ", errors)}]");
        return new Map(5)
        {
            { "kind", obj["kind"] },
            { "apiVersion", obj["apiVersion"] },
            { "metadata", new Map() },
            { "spec", new Map() },
            { "status", status },
        };
    }

    private static Map ResourceRule(PolicyRule rule)
    {
        var map = new Map(4) { { "verbs", UserInfoMap.List(rule.Verbs) }, { "apiGroups", UserInfoMap.List(rule.ApiGroups) }, { "resources", UserInfoMap.List(rule.Resources) } };
        if (rule.ResourceNames.Length > 0)
            map.Set("resourceNames", UserInfoMap.List(rule.ResourceNames));
        return map;
    }
}
