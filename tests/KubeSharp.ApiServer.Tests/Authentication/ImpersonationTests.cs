using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Authentication.Impersonation;
using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Endpoints;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Tests.Authentication;

/// <summary>Who may act as whom (endpoints/filters/impersonation/constrained_impersonation_test.go; KEP-5284).</summary>
public sealed class ImpersonationTests
{
    private static readonly RequestInfo ListPods = new() { IsResourceRequest = true, Path = "", Verb = "list", Resource = "pods", Namespace = "ns" };

    /// <summary>Allows what is listed as <c>verb resource[/subresource] [name]</c>.</summary>
    private sealed class Allows(params string[] allowed) : IAuthorizer
    {
        public (Decision Decision, string Reason) Authorize(UserInfo user, RequestInfo request)
        {
            var resource = request.Subresource.Length > 0 ? $"{request.Resource}/{request.Subresource}" : request.Resource;
            return allowed.Contains($"{request.Verb} {resource} {request.Name}".TrimEnd()) ? (Decision.Allow, "") : (Decision.NoOpinion, "");
        }
    }

    public static TheoryData<string, string[], string[]> Granted => new()
    {
        { "zed", ["impersonate users zed"], ["system:authenticated"] },
        { "zed", ["impersonate-on:user-info:list pods", "impersonate:user-info users zed"], ["system:authenticated"] },
        { "system:serviceaccount:a:b", ["impersonate serviceaccounts b"], ["system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated"] },
        { "system:serviceaccount:a:b", ["impersonate-on:serviceaccount:list pods", "impersonate:serviceaccount serviceaccounts b"], ["system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated"] },
        { "system:node:n", ["impersonate-on:arbitrary-node:list pods", "impersonate:arbitrary-node nodes n"], ["system:nodes", "system:authenticated"] },
        { "system:anonymous", ["impersonate users system:anonymous"], ["system:unauthenticated"] },
    };

    [Theory]
    [MemberData(nameof(Granted))]
    public void A_grant_gives_the_user_his_groups(string wanted, string[] allowed, string[] groups)
    {
        var user = new Impersonator(new Allows(allowed)).Impersonate(new UserInfo("bob", "", []), ListPods, new UserInfo(wanted, "", []));
        Assert.Equal(wanted, user.Name);
        Assert.Equal(groups, user.Groups);
    }

    [Theory]
    [InlineData("pods is forbidden: User \"bob\" cannot impersonate-on:user-info:list resource \"pods\" in API group \"\" in the namespace \"ns\"", "impersonate:user-info users zed")]
    [InlineData("users.authentication.k8s.io \"zed\" is forbidden: User \"bob\" cannot impersonate:user-info resource \"users\" in API group \"authentication.k8s.io\" at the cluster scope", "impersonate-on:user-info:list pods")]
    public void The_first_refusal_is_told(string message, string allowed)
    {
        var impersonator = new Impersonator(new Allows(allowed));
        var refused = Assert.Throws<StatusException>(() => impersonator.Impersonate(new UserInfo("bob", "", []), ListPods, new UserInfo("zed", "", [])));
        Assert.Equal(message, refused.Status.Message);
    }

    [Fact]
    public void After_a_success_its_mode_speaks_first()
    {
        var impersonator = new Impersonator(new Allows("impersonate users zed"));
        var bob = new UserInfo("bob", "", []);
        impersonator.Impersonate(bob, ListPods, new UserInfo("zed", "", []));
        var refused = Assert.Throws<StatusException>(() => impersonator.Impersonate(bob, ListPods, new UserInfo("other", "", [])));
        Assert.Equal("users \"other\" is forbidden: User \"bob\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope", refused.Status.Message);
    }

    [Fact]
    public void Constrained_modes_never_give_the_masters()
    {
        var impersonator = new Impersonator(new Allows("impersonate-on:user-info:list pods", "impersonate:user-info users zed", "impersonate:user-info groups system:masters"));
        var refused = Assert.Throws<StatusException>(() => impersonator.Impersonate(new UserInfo("bob", "", []), ListPods, new UserInfo("zed", "", ["system:masters"])));
        Assert.Contains("impersonating the system:masters group is not allowed", refused.Status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_account_may_be_its_own_node()
    {
        var impersonator = new Impersonator(new Allows("impersonate-on:associated-node:list pods", "impersonate:associated-node nodes *"));
        var agent = new UserInfo("system:serviceaccount:kube-system:agent", "", []) { Extra = new Dictionary<string, IReadOnlyList<string>> { ["authentication.kubernetes.io/node-name"] = ["n1"] } };
        Assert.Equal("system:node:n1", impersonator.Impersonate(agent, ListPods, new UserInfo("system:node:n1", "", [])).Name);
        Assert.Throws<StatusException>(() => impersonator.Impersonate(agent, ListPods, new UserInfo("system:node:n2", "", [])));
    }

    [Fact]
    public void Headers_are_read_whatever_their_case()
    {
        var headers = new HeaderDictionary { ["impersonate-user"] = "zed", ["Impersonate-Group"] = new(["a", "b"]), ["impersonate-extra-Acme%2FProj"] = "x", ["Impersonate-Uid"] = "u" };
        var user = ImpersonationHeaders.Read(headers)!;
        Assert.Equal(("zed", "u"), (user.Name, user.Uid));
        Assert.Equal(["a", "b"], user.Groups);
        Assert.Equal(["x"], user.Extra["acme/proj"]);
        Assert.Null(ImpersonationHeaders.Read(new HeaderDictionary { ["Impersonate-User"] = "" }));
    }
}
