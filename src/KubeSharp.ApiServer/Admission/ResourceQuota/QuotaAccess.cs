using System.Collections.Concurrent;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Endpoints;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ComponentBase.Quota;
using Quota = KubeSharp.ApiMachinery.Views.Core.V1.ResourceQuota;

namespace KubeSharp.ApiServer.Admission.ResourceQuota;

/// <summary>Reads a namespace's quotas, newer than the cache where this server has just charged them, and writes what is used
/// (apiserver/pkg/admission/plugin/resourcequota/resource_access.go, v1.36). Safe for concurrent use.</summary>
internal sealed class QuotaAccess(AdmissionDependencies needs)
{
    private const string Manager = "kube-apiserver";

    private static readonly UserInfo Self = new("system:apiserver", "", [UserInfo.PrivilegedGroup, UserInfo.AllAuthenticated]);

    private readonly ServedResource _served = needs.Resources.Find(new GroupVersionResource("", "v1", "resourcequotas"))!;
    private readonly ResourceFieldManagers _fieldManagers = new(needs.Resources);

    /// <summary>What was written and the cache has not shown yet, by key.</summary>
    private readonly ConcurrentDictionary<string, CachedObject> _written = new(StringComparer.Ordinal);

    public IReadOnlyList<Quota> List(string @namespace)
    {
        List<Quota>? quotas = null;
        foreach (var cached in AdmissionDependencies.In(_served.Store, @namespace))
        {
            var newest = cached;
            if (_written.TryGetValue(cached.Key, out var written))
            {
                if (written.Revision > cached.Revision)
                    newest = written;
                else
                    _written.TryRemove(KeyValuePair.Create(cached.Key, written));
            }

            (quotas ??= []).Add(new Quota(newest.Tree()));
        }

        return quotas ?? (IReadOnlyList<Quota>)[];
    }

    /// <summary>Writes what is used of a quota.</summary>
    /// <exception cref="StatusException">409 when the quota has changed since it was read.</exception>
    public async ValueTask UpdateAsync(Quota quota, ResourceList used, CancellationToken cancellationToken)
    {
        var (ns, name) = (quota.Metadata.Namespace, quota.Metadata.Name);
        var operation = new OperationContext
        {
            User = Self,
            Served = _served,
            FieldManager = Manager,
            Info = new RequestInfo { IsResourceRequest = true, Path = "", Verb = "update", ApiVersion = "v1", Resource = "resourcequotas", Subresource = "status", Namespace = ns, Name = name },
        };
        var update = new UpdateRequest
        {
            Target = UpdateTarget.Status,
            Transform = old =>
            {
                // The version that was judged: whoever wrote in between makes this a conflict.
                var next = quota.Map!.ShallowClone();
                next.EditMap("status").Set("used", used.ToMap());
                _fieldManagers.For(_served, "status").Update(old!, next, Manager, needs.Time.GetUtcNow());
                return ValueTask.FromResult(next);
            },
        };
        try
        {
            var (stored, _) = await _served.Store.UpdateAsync(operation, name, update, cancellationToken).ConfigureAwait(false);
            _written[stored.Key] = stored;
        }
        catch (StatusException)
        {
            // Whatever it was, what is held of the quota is of no use any more.
            _written.TryRemove(_served.Store.KeyOf(ns, name), out _);
            throw;
        }
    }

    /// <summary>Waits until the cache has all that was stored before.</summary>
    public async ValueTask CatchUpAsync(CancellationToken cancellationToken) =>
        await _served.Store.Feed.WaitForCurrentAsync(cancellationToken).ConfigureAwait(false);
}
