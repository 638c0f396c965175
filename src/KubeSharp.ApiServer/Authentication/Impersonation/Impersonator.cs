using System.Collections.Concurrent;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Endpoints;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Authentication.Impersonation;

/// <summary>
/// Lets a request go on as another user where its own may impersonate that one
/// (endpoints/filters/impersonation/constrained_impersonation.go, v1.36). Safe for concurrent use.
/// </summary>
public sealed class Impersonator(IAuthorizer authorizer)
{
    /// <summary>How many requestors the last successful mode is remembered of; full, all are forgotten.</summary>
    private const int MaxRemembered = 10_000;

    private readonly ImpersonationMode[] _modes = ImpersonationMode.All(authorizer);

    /// <summary>The mode that last succeeded by the requestor's name: it is tried first, and its refusal is the one that is told.</summary>
    private readonly ConcurrentDictionary<string, int> _lastModes = new(StringComparer.Ordinal);

    /// <exception cref="StatusException">400 for headers without a user, 403.</exception>
    public UserInfo Impersonate(UserInfo requestor, RequestInfo request, IHeaderDictionary headers) =>
        ImpersonationHeaders.Read(headers) is { } wanted ? Impersonate(requestor, request, wanted) : requestor;

    internal UserInfo Impersonate(UserInfo requestor, RequestInfo request, UserInfo wanted)
    {
        StatusException? refusal = null;
        var hasLast = _lastModes.TryGetValue(requestor.Name, out var last);
        if (hasLast && Try(last, out var remembered))
            return remembered;
        for (var i = 0; i < _modes.Length; i++)
        {
            if ((hasLast && i == last) || !Try(i, out var impersonated))
                continue;
            if (_lastModes.Count >= MaxRemembered)
                _lastModes.Clear();
            _lastModes[requestor.Name] = i;
            return impersonated;
        }

        throw refusal ?? StatusErrors.InternalError("all impersonation modes failed");

        bool Try(int mode, out UserInfo impersonated)
        {
            impersonated = requestor;
            try
            {
                if (_modes[mode].Check(wanted, requestor, request) is not { } user)
                    return false;
                impersonated = user;
                return true;
            }
            catch (StatusException exception)
            {
                refusal ??= exception;
                return false;
            }
        }
    }
}
