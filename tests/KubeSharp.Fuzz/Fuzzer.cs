namespace KubeSharp.Fuzz;

/// <summary>Feeds a target with mutations of its seeds, the same ones for the same seed number. An input fails when the
/// target throws, or allocates more than a bound that depends on the input's size; one that hangs is the caller's to notice.</summary>
internal sealed class Fuzzer(FuzzTarget target, int seed)
{
    /// <summary>Per run, besides a share for each byte of input: messages, buffers, schema tables made on first use.</summary>
    private const long BaseBytes = 8 << 20;

    private const long BytesPerInputByte = 4096;
    private const int MaxInput = 64 * 1024;

    private static ReadOnlySpan<byte> Interesting => "{}[]\",:\\0-9eE~&*!|>#\n"u8;

    private readonly Random _random = new(seed);
    private readonly List<byte[]> _corpus = [.. target.Seeds];

    /// <summary>The input of the last run.</summary>
    public byte[] Current { get; private set; } = [];

    /// <summary>Runs one mutation.</summary>
    /// <exception cref="FuzzFailureException">The target failed; the message shows the input.</exception>
    public void Step()
    {
        Current = Mutate(_corpus[_random.Next(_corpus.Count)]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target.Run(Current);
        }
        catch (Exception exception)
        {
            throw new FuzzFailureException($"{exception.GetType().Name}: {exception.Message}\nbase64 input: {Convert.ToBase64String(Current)}\n{exception.StackTrace}");
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > BaseBytes + (BytesPerInputByte * Current.Length))
            throw new FuzzFailureException($"{allocated} bytes were allocated for an input of {Current.Length}\nbase64 input: {Convert.ToBase64String(Current)}");
        // Some mutations live on, so that changes add up.
        if (_random.Next(50) == 0 && _corpus.Count < 1000)
            _corpus.Add(Current);
    }

    private byte[] Mutate(byte[] input)
    {
        var bytes = new List<byte>(input);
        for (var times = _random.Next(1, 6); times > 0; times--)
        {
            var at = _random.Next(bytes.Count + 1);
            switch (_random.Next(7))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << _random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)_random.Next(256);
                    break;
                case 2:
                    bytes.Insert(at, Interesting[_random.Next(Interesting.Length)]);
                    break;
                case 3 when at < bytes.Count:
                    bytes.RemoveRange(at, Math.Min(_random.Next(1, 16), bytes.Count - at));
                    break;
                case 4 when at < bytes.Count:
                    // A stretch again: repeated keys, deeper nesting.
                    var stretch = bytes.GetRange(at, Math.Min(_random.Next(1, 64), bytes.Count - at));
                    for (var repeat = _random.Next(1, 40); repeat > 0 && bytes.Count < MaxInput; repeat--)
                        bytes.InsertRange(at, stretch);
                    break;
                case 5:
                    var other = _corpus[_random.Next(_corpus.Count)];
                    var from = _random.Next(other.Length + 1);
                    if (bytes.Count < MaxInput)
                        bytes.InsertRange(at, other[from..Math.Min(other.Length, from + _random.Next(1, 128))]);
                    break;
                case 6:
                    if (bytes.Count < MaxInput)
                        bytes.InsertRange(at, Enumerable.Repeat((byte)"[{ -9"[_random.Next(5)], _random.Next(1, 3000)));
                    break;
            }
        }

        return [.. bytes];
    }
}
