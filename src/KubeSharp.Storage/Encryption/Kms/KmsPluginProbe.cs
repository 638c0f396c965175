using Microsoft.Extensions.Logging;

namespace KubeSharp.Storage.Encryption.Kms;

/// <summary>
/// Watches over one KMS v2 provider: asks for its status, makes a new data key when the service's key has changed, and keeps
/// the data key writable for three minutes from the last good answer.
/// Source: kmsv2PluginProbe in apiserver/pkg/server/options/encryptionconfig/config.go, v1.36.
/// </summary>
public sealed partial class KmsPluginProbe : IDisposable
{
    private static readonly TimeSpan PositiveInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan NegativeInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WriteTimeToLive = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan PositiveTtl = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan NegativeTtl = TimeSpan.FromSeconds(3);

    private readonly IKmsService _service;
    private readonly IEncryptionMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private EnvelopeState? _state;
    private string _version = "";
    private string? _lastError;
    private TimeSpan _validUntil = TimeSpan.MinValue;

    public KmsPluginProbe(string name, IKmsService service, IEncryptionMetrics metrics, TimeProvider time, ILogger logger)
    {
        Name = name;
        _service = service;
        _metrics = metrics;
        _time = time;
        _logger = logger;
    }

    public string Name { get; }

    /// <summary>The data key of now.</summary>
    /// <exception cref="TransformException">There was none yet.</exception>
    public EnvelopeState State() => Volatile.Read(ref _state) ?? throw new TransformException("got unexpected nil transformer") { IsTransient = true };

    /// <summary>Asks the service unless it has been asked just now.</summary>
    /// <returns>Null when all is well, else what is wrong.</returns>
    public async Task<string?> CheckAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_time.GetElapsedTime(0) < _validUntil)
                return _lastError;
            string? error;
            try
            {
                var status = await _service.StatusAsync(cancellationToken).ConfigureAwait(false);
                error = _lastError = await JudgeAsync(status, cancellationToken).ConfigureAwait(false);
            }
            catch (TransformException exception)
            {
                // Until it is asked again the bare error is told, as upstream tells it.
                _lastError = exception.Message;
                error = $"failed to perform status section of the healthz check for KMS Provider {Name}, error: {exception.Message}";
            }

            _validUntil = _time.GetElapsedTime(0) + (error is null ? PositiveTtl : NegativeTtl);
            return error;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Asks until cancelled: every minute while all is well, else every ten seconds.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var healthy = Volatile.Read(ref _state) is not null;
        while (true)
        {
            await Task.Delay(healthy ? PositiveInterval : NegativeInterval, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
                return;
            try
            {
                var error = await CheckAsync(cancellationToken).ConfigureAwait(false);
                healthy = error is null;
                if (error is not null)
                    Log.Unhealthy(_logger, Name, error);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    public void Dispose()
    {
        _service.Dispose();
        _gate.Dispose();
    }

    private async Task<string?> JudgeAsync(KmsStatus status, CancellationToken cancellationToken)
    {
        var errors = new List<string>();
        if (status.Healthz != "ok")
            errors.Add($"got unexpected healthz status: {status.Healthz}");
        if (status.Version is not ("v2" or "v2beta1"))
        {
            errors.Add($"expected KMSv2 API version v2, got {status.Version}");
        }
        else
        {
            if (_version.Length == 0)
                _version = status.Version;
            if (_version != status.Version)
                errors.Add($"KMSv2 API version should not change after the initial status response version {_version}, got {status.Version}");
        }

        if (EncryptedObject.KeyIdProblem(status.KeyId) is { } problem)
        {
            _metrics.InvalidKeyReported(Name, problem.Code);
            errors.Add($"got invalid KMSv2 KeyID hash \"{EnvelopeState.HashOf(status.KeyId)}\": {problem.Message}");
        }
        else
        {
            _metrics.KeyReported(Name, status.KeyId);
            if (await RotateAsync(status.KeyId, cancellationToken).ConfigureAwait(false) is { } failure)
                errors.Add(failure);
        }

        return errors.Count switch
        {
            0 => null,
            1 => $"kmsv2 Provider {Name} is not healthy, error: {errors[0]}",
            _ => $"kmsv2 Provider {Name} is not healthy, error: [{string.Join(", ", errors)}]",
        };
    }

    /// <summary>rotateDEKOnKeyIDChange: when it fails the data key of before goes on until it expires.</summary>
    private async Task<string?> RotateAsync(string statusKeyId, CancellationToken cancellationToken)
    {
        var state = Volatile.Read(ref _state);
        // Counted from before the call: the time is an upper bound.
        var expiration = _time.GetElapsedTime(0) + WriteTimeToLive;
        if (state is not null && state.DekSource.KeyId == statusKeyId)
        {
            Volatile.Write(ref _state, state with { Expiration = expiration });
            return null;
        }

        var uid = Guid.NewGuid().ToString();
        EnvelopeState? made = null;
        var failure = "<nil>";
        try
        {
            made = await EnvelopeState.GenerateAsync(_service, uid, expiration, _metrics, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TransformException exception)
        {
            failure = exception.Message;
        }

        if (made is not null && made.DekSource.KeyId == statusKeyId)
        {
            Volatile.Write(ref _state, made);
            var keyIdHash = EnvelopeState.HashOf(statusKeyId);
            Log.Rotated(_logger, Name, keyIdHash);
            return null;
        }

        var expires = state is null ? "0001-01-01T00:00:00Z" : state.FormatExpiration(_time);
        return $"failed to rotate DEK uid=\"{uid}\", useSeed=true, errState={(state is null ? "got unexpected nil transformer" : "<nil>")}, errGen={failure}, "
            + $"statusKeyIDHash=\"{EnvelopeState.HashOf(statusKeyId)}\", encryptKeyIDHash=\"{EnvelopeState.HashOf(made?.DekSource.KeyId ?? "")}\", "
            + $"stateKeyIDHash=\"{EnvelopeState.HashOf(state?.DekSource.KeyId ?? "")}\", expirationTimestamp={expires}";
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "The key management service {Provider} failed its health check: {Reason}")]
        public static partial void Unhealthy(ILogger logger, string provider, string reason);

        [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "A new data key is sealed by {Provider} with its key {KeyIdHash}")]
        public static partial void Rotated(ILogger logger, string provider, string keyIdHash);
    }
}
