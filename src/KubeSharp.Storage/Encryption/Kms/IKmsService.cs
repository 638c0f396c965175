namespace KubeSharp.Storage.Encryption.Kms;

/// <summary>A key management service: it seals and opens data keys with keys that never leave it
/// (k8s.io/kms/pkg/service/interface.go, v1.36). Calls end within the configured timeout.</summary>
public interface IKmsService : IDisposable
{
    /// <exception cref="TransformException">The call failed.</exception>
    Task<KmsStatus> StatusAsync(CancellationToken cancellationToken);

    /// <param name="uid">Names the request in the service's log.</param>
    /// <param name="plaintext">A data key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TransformException">The call failed.</exception>
    Task<KmsCiphertext> EncryptAsync(string uid, ReadOnlyMemory<byte> plaintext, CancellationToken cancellationToken);

    /// <exception cref="TransformException">The call failed.</exception>
    Task<byte[]> DecryptAsync(string uid, KmsCiphertext ciphertext, CancellationToken cancellationToken);
}
