using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using k8s;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ComponentBase.Client;

/// <summary>
/// The API over HTTPS, in JSON. A request that the server puts off (429 or 5xx with Retry-After) is sent again up to ten
/// times, as client-go does; nothing else is retried here. Follows client-go/rest/request.go.
/// </summary>
public sealed class HttpApiClient : IApiClient, IDisposable
{
    private const int MaxRetries = 10;

    private readonly HttpClient _http;
    private readonly string _fieldManager;
    private readonly TimeProvider _time;

    /// <param name="http">Has the server's root (with a trailing slash) as its base address and no timeout of its own; owned from here on.</param>
    /// <param name="fieldManager">Who applies: the name in managed fields. Applies take fields over (force), as controllers do.</param>
    /// <param name="time">The clock of retries.</param>
    public HttpApiClient(HttpClient http, string fieldManager, TimeProvider time)
    {
        _http = http;
        _fieldManager = fieldManager;
        _time = time;
    }

    /// <summary>A client of a kubeconfig's current context.</summary>
    /// <param name="kubeconfig">The file's path.</param>
    /// <param name="component">Names the client in the User-Agent header and in managed fields.</param>
    /// <param name="time">The clock of retries.</param>
    public static HttpApiClient FromKubeconfig(string kubeconfig, string component, TimeProvider time) =>
        FromConfiguration(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig), component, time);

    /// <summary>A client of a configuration that KubernetesClient has read (in-cluster, another context).</summary>
    public static HttpApiClient FromConfiguration(KubernetesClientConfiguration configuration, string component, TimeProvider time)
    {
        var http = KubeconfigHttpHandler.CreateClient(configuration, component);
        http.BaseAddress = new Uri(configuration.Host.TrimEnd('/') + "/");
        return new HttpApiClient(http, component, time);
    }

    public Task<Map> GetAsync(ResourceRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, request, ApiPath.Of(request), null, cancellationToken);

    public Task<Map> CreateAsync(ResourceRequest request, Map body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, request, ApiPath.Of(request), Json(body, "application/json"), cancellationToken);

    public Task<Map> UpdateAsync(ResourceRequest request, Map body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, request, ApiPath.Of(request), Json(body, "application/json"), cancellationToken);

    public Task<Map> PatchAsync(ResourceRequest request, PatchType type, Value patch, CancellationToken cancellationToken)
    {
        var (mediaType, query) = type switch
        {
            PatchType.Json => ("application/json-patch+json", ""),
            PatchType.Merge => ("application/merge-patch+json", ""),
            PatchType.StrategicMerge => ("application/strategic-merge-patch+json", ""),
            PatchType.Apply => ("application/apply-patch+yaml", $"fieldManager={Uri.EscapeDataString(_fieldManager)}&force=true"),
            _ => throw new ArgumentOutOfRangeException(nameof(type)),
        };
        return SendAsync(HttpMethod.Patch, request, ApiPath.Of(request, query), Json(patch, mediaType), cancellationToken);
    }

    public Task<Map> DeleteAsync(ResourceRequest request, Map? options, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, request, ApiPath.Of(request), DeleteOptions(options), cancellationToken);

    public Task<Map> DeleteCollectionAsync(ResourceRequest request, ListOptions list, Map? options, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, request, ApiPath.Of(request, ApiPath.Query(list, false)), DeleteOptions(options), cancellationToken);

    public async Task<ApiList> ListAsync(ResourceRequest request, ListOptions options, CancellationToken cancellationToken)
    {
        var path = ApiPath.Of(request, ApiPath.Query(options, false));
        var list = await SendAsync(HttpMethod.Get, request, path, null, cancellationToken, freeze: false).ConfigureAwait(false);
        var metadata = ObjectMetaAccessor.GetMetadata(list);
        return new ApiList(
            Items(list), metadata.GetString("resourceVersion") ?? "", metadata.GetString("continue") ?? "", metadata.GetInteger("remainingItemCount"));
    }

    public async IAsyncEnumerable<ApiWatchEvent> WatchAsync(
        ResourceRequest request, ListOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = ApiPath.Of(request, ApiPath.Query(options, true));
        using var response = await SendWithRetriesAsync(HttpMethod.Get, request, path, null, cancellationToken).ConfigureAwait(false);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var change in WatchStream.ReadAsync(body, cancellationToken).ConfigureAwait(false))
            yield return change;
    }

    /// <summary>A document outside resources, as discovery's.</summary>
    /// <param name="path">Relative to the server's root, without a leading slash.</param>
    /// <param name="accept">The Accept header.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The answer is no JSON object.</exception>
    public async Task<Map> GetDocumentAsync(string path, string accept, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        message.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await _http.SendAsync(message, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw await ErrorAsync(HttpMethod.Get, default, response, cancellationToken).ConfigureAwait(false);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        return JsonDecoder.Decode(bytes, null, default).Root ?? throw new IOException($"/{path} is no JSON object");
    }

    public void Dispose() => _http.Dispose();

    // Items of a typed list come without apiVersion and kind; readers of single objects expect them.
    private static List<Map> Items(Map list)
    {
        var apiVersion = ObjectMetaAccessor.GetApiVersion(list);
        var kind = ObjectMetaAccessor.GetKind(list);
        kind = kind.EndsWith("List", StringComparison.Ordinal) ? kind[..^4] : "";
        var items = new List<Map>(list.GetSequence("items")?.Count ?? 0);
        foreach (var item in list.GetSequence("items") ?? Sequence.Empty)
        {
            if (item.AsMap is not { } obj)
                continue;
            if (!obj.ContainsKey("apiVersion") && !obj.ContainsKey("kind") && kind.Length > 0)
            {
                obj.InsertAt(0, "kind", kind);
                obj.InsertAt(1, "apiVersion", apiVersion);
            }

            obj.Freeze();
            items.Add(obj);
        }

        return items;
    }

    private static Body Json(Value value, string mediaType)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        JsonEncoder.Encode(value, buffer);
        return new Body(buffer.WrittenMemory, mediaType);
    }

    private static Body? DeleteOptions(Map? options)
    {
        if (options is null)
            return null;
        var typed = options.ShallowClone();
        typed["kind"] = "DeleteOptions";
        typed["apiVersion"] = "v1";
        return Json(typed, "application/json");
    }

    private async Task<Map> SendAsync(
        HttpMethod method, ResourceRequest request, string path, Body? body, CancellationToken cancellationToken, bool freeze = true)
    {
        using var response = await SendWithRetriesAsync(method, request, path, body, cancellationToken).ConfigureAwait(false);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        var (root, error, _) = JsonDecoder.Decode(bytes, null, default);
        if (root is null)
            throw new IOException($"The server's answer is no JSON object: {error}");
        if (freeze)
            root.Freeze();
        return root;
    }

    private async Task<HttpResponseMessage> SendWithRetriesAsync(
        HttpMethod method, ResourceRequest request, string path, Body? body, CancellationToken cancellationToken)
    {
        for (var retries = 0; ; retries++)
        {
            using var message = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
            message.Version = _http.DefaultRequestVersion;
            message.VersionPolicy = _http.DefaultVersionPolicy;
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            if (body is { } content)
            {
                message.Content = new ReadOnlyMemoryContent(content.Bytes);
                message.Content.Headers.ContentType = new MediaTypeHeaderValue(content.MediaType);
            }

            var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
                return response;
            using (response)
            {
                var code = (int)response.StatusCode;
                if ((code == 429 || code >= 500) && retries < MaxRetries && response.Headers.RetryAfter?.Delta is { } delay)
                {
                    await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                throw await ErrorAsync(method, request, response, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<StatusException> ErrorAsync(
        HttpMethod method, ResourceRequest request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        if (JsonDecoder.Decode(bytes, null, default).Root is { } root && ObjectMetaAccessor.GetKind(root) == "Status")
            return new StatusException(Status.FromMap(root));
        var text = System.Text.Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 2048)));
        return StatusErrors.GenericServerResponse(
            (int)response.StatusCode, method.Method, request.Resource.GroupResource, request.Name, text, (int)(response.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0), true);
    }

    private readonly record struct Body(ReadOnlyMemory<byte> Bytes, string MediaType);
}
