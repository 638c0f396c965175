using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase;

namespace KubeSharp.ApiServer.Admission.ImagePolicy;

/// <summary>Asks a backend whether a pod's images may run (plugin/pkg/admission/imagepolicy/admission.go, v1.36).</summary>
/// <param name="configuration">How.</param>
/// <param name="backend">A client whose base address is the backend's.</param>
/// <param name="time">The clock of what is remembered and of retries.</param>
internal sealed class ImagePolicyWebhook(ImagePolicyConfiguration configuration, HttpClient backend, TimeProvider time) : IAdmissionPlugin
{
    private const string Subresource = "ephemeralcontainers";
    private const string AuditPrefix = "imagepolicywebhook.image-policy.k8s.io/";
    private const string FailedOpen = "alpha.image-policy.k8s.io/failed-open";
    private const int MaxTries = 5;
    private const double Growth = 1.5;
    private const int MaxRemembered = 1024;
    private const int MaxAnswer = 1024 * 1024;

    private readonly Dictionary<string, (Answer Answer, TimeSpan Until)> _answers = new(StringComparer.Ordinal);

    public string Name => "ImagePolicyWebhook";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update;

    /// <exception cref="FormatException">The configuration, or the kubeconfig that it names, is not usable.</exception>
    public static ImagePolicyWebhook Create(Map? root, TimeProvider time)
    {
        var configuration = ImagePolicyConfiguration.Read(root);
        return new ImagePolicyWebhook(configuration, KubeconfigHttpHandler.CreateWebhookClient(configuration.KubeConfigFile, "kube-apiserver-admission"), time);
    }

    public async ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Subresource is not ("" or Subresource) || attributes.Resource is not { Group: "", Resource: "pods" } || attributes.Object is not { } pod)
            return;
        var spec = Question(attributes, pod);
        Answer answer;
        try
        {
            answer = await ReviewAsync(spec, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
        {
            if (!configuration.DefaultAllow)
                throw attributes.Forbidden(exception.Message);
            attributes.Context.AddAuditAnnotation(AuditPrefix + "failed-open", "true");
            pod.EditMap("metadata").EditMap("annotations").Set(FailedOpen, "true");
            return;
        }

        foreach (var (key, value) in answer.AuditAnnotations)
            attributes.Context.AddAuditAnnotation(AuditPrefix + key, value.AsString ?? "");
        if (!answer.Allowed)
            throw attributes.Forbidden(answer.Reason.Length > 0 ? $"image policy webhook backend denied one or more images: {answer.Reason}" : "one or more images rejected by webhook backend");
    }

    private static Map Question(AdmissionAttributes attributes, Map pod)
    {
        var images = new Sequence();
        foreach (var list in attributes.Subresource.Length == 0 ? (ReadOnlySpan<string>)["containers", "initContainers"] : ["ephemeralContainers"])
        {
            foreach (var container in pod.GetMap("spec")?.GetSequence(list) ?? Sequence.Empty)
                images.Add(container.AsMap?.GetString("image") is { Length: > 0 } image ? new Map(1) { { "image", image } } : new Map());
        }

        var annotations = new Map();
        foreach (var (key, value) in pod.GetMap("metadata")?.GetMap("annotations") ?? Map.Empty)
        {
            if (key.Contains(".image-policy.k8s.io/", StringComparison.Ordinal))
                annotations.Set(key, value);
        }

        var spec = new Map(3);
        if (images.Count > 0)
            spec.Set("containers", images);
        if (annotations.Count > 0)
            spec.Set("annotations", annotations);
        if (attributes.Namespace.Length > 0)
            spec.Set("namespace", attributes.Namespace);
        return spec;
    }

    private async ValueTask<Answer> ReviewAsync(Map spec, CancellationToken cancellationToken)
    {
        var question = Print(spec);
        lock (_answers)
        {
            if (_answers.TryGetValue(question, out var known) && known.Until > time.SteadyNow())
                return known.Answer;
        }

        var answer = await AskAsync(Print(new Map { { "kind", "ImageReview" }, { "apiVersion", "imagepolicy.k8s.io/v1alpha1" }, { "metadata", new Map() }, { "spec", spec }, { "status", new Map { { "allowed", false } } } }), cancellationToken).ConfigureAwait(false);
        var ttl = answer.Allowed ? configuration.AllowTtl : configuration.DenyTtl;
        if (ttl > TimeSpan.Zero)
            Remember(question, answer, time.SteadyNow() + ttl);
        return answer;
    }

    private async Task<Answer> AskAsync(string body, CancellationToken cancellationToken)
    {
        var wait = configuration.RetryBackoff;
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, backend.BaseAddress)
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
                Version = backend.DefaultRequestVersion,
                VersionPolicy = backend.DefaultVersionPolicy,
            };
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            using var response = await backend.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            var passing = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError or HttpStatusCode.GatewayTimeout || response.Headers.RetryAfter is not null;
            if (!response.IsSuccessStatusCode)
            {
                if (!passing || attempt == MaxTries)
                    throw new HttpRequestException($"Error contacting webhook: {(int)response.StatusCode}", null, response.StatusCode);
                await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
                wait *= Growth;
                continue;
            }

            return Answer.Read(await ReadAsync(response, cancellationToken).ConfigureAwait(false));
        }
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await response.Content.LoadIntoBufferAsync(MaxAnswer, cancellationToken).ConfigureAwait(false);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Remember(string question, Answer answer, TimeSpan until)
    {
        lock (_answers)
        {
            if (_answers.Count >= MaxRemembered)
            {
                // What ends first goes first.
                var oldest = _answers.MinBy(known => known.Value.Until).Key;
                _answers.Remove(oldest);
            }

            _answers[question] = (answer, until);
        }
    }

    private static string Print(Map map)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        JsonEncoder.Encode(map, buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>What the backend says.</summary>
    private sealed record Answer(bool Allowed, string Reason, Map AuditAnnotations)
    {
        /// <exception cref="InvalidDataException">It says nothing that can be read.</exception>
        public static Answer Read(byte[] body)
        {
            if (JsonDecoder.Decode(body, null, new JsonDecodeOptions()).Root?.GetMap("status") is not { } status)
                throw new InvalidDataException("the webhook's answer has no status");
            return new Answer(status["allowed"].AsBoolean ?? false, status.GetString("reason") ?? "", status.GetMap("auditAnnotations") ?? Map.Empty);
        }
    }
}
