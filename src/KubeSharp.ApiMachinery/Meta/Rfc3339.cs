using System.Globalization;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.Meta;

/// <summary><c>meta/v1 Time</c> (whole seconds) and <c>MicroTime</c> (microseconds), read with Go's leniencies and messages, printed
/// in UTC. The zero time prints as null. Follows apimachinery/pkg/apis/meta/v1/time.go, micro_time.go and Go's time.Parse.</summary>
public static class Rfc3339
{
    private const string SecondsLayout = "2006-01-02T15:04:05Z07:00";
    private const string MicrosecondsLayout = "2006-01-02T15:04:05.000000Z07:00";

    /// <summary>A <c>Time</c>; false with Go's message.</summary>
    public static bool TryParse(string text, out DateTimeOffset time, out string error) =>
        new Parser(text, SecondsLayout).TryParse(false, out time, out error);

    /// <summary>A <c>MicroTime</c>, which must have six digits of fraction; false with Go's message.</summary>
    public static bool TryParseMicro(string text, out DateTimeOffset time, out string error) =>
        new Parser(text, MicrosecondsLayout).TryParse(true, out time, out error);

    /// <summary>Reads either form leniently; null when absent or malformed.</summary>
    public static DateTimeOffset? ParseOrNull(string? text) => text is not null && TryParse(text, out var time, out _) ? time : null;

    /// <summary>The text of a <c>Time</c>: a fraction is cut off; null for the zero time.</summary>
    public static string? Format(DateTimeOffset time) => time.UtcTicks == 0
        ? null
        : time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The text of a <c>MicroTime</c>; null for the zero time.</summary>
    public static string? FormatMicro(DateTimeOffset time) => time.UtcTicks == 0
        ? null
        : time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private ref struct Parser(string text, string layout)
    {
        private ReadOnlySpan<char> _rest = text;
        private string? _error;

        public bool TryParse(bool micro, out DateTimeOffset time, out string error)
        {
            time = default;
            var year = Year();
            Literal('-');
            var month = Number("01", "month", 1, 12, true);
            Literal('-');
            var day = Number("02", null, 0, 99, true);
            Literal('T');
            var hour = Number("15", "hour", 0, 23, false);
            Literal(':');
            var minute = Number("04", "minute", 0, 59, true);
            Literal(':');
            var second = Number("05", "second", 0, 59, true);
            var ticks = micro ? Microseconds() : OptionalFraction();
            var offset = Zone();
            if (_error is null && _rest.Length > 0)
                Fail($": extra text: {GoText.Quote(_rest.ToString())}");
            if (_error is null && (day < 1 || day > (year == 0 ? 31 : DateTime.DaysInMonth(year, month))))
                Fail(": day out of range");
            if (_error is null && year == 0)
                Fail(": year out of range");
            error = _error ?? "";
            if (_error is not null)
                return false;
            var utc = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).Ticks + ticks - offset.Ticks;
            time = new DateTimeOffset(Math.Clamp(utc, 0, DateTime.MaxValue.Ticks), TimeSpan.Zero);
            return true;
        }

        private int Year()
        {
            if (_rest.Length < 4 || !int.TryParse(_rest[..4], NumberStyles.None, CultureInfo.InvariantCulture, out var year))
            {
                CannotParse("2006");
                return 0;
            }

            _rest = _rest[4..];
            return year;
        }

        private void Literal(char character)
        {
            if (_error is not null)
                return;
            if (_rest.Length == 0 || _rest[0] != character)
                CannotParse(character.ToString());
            else
                _rest = _rest[1..];
        }

        // Two digits; the hour may have one.
        private int Number(string element, string? name, int low, int high, bool twoDigits)
        {
            if (_error is not null)
                return low;
            var length = _rest.Length > 1 && char.IsAsciiDigit(_rest[1]) ? 2 : 1;
            if (_rest.Length == 0 || !char.IsAsciiDigit(_rest[0]) || (twoDigits && length == 1))
            {
                CannotParse(element);
                return low;
            }

            var value = int.Parse(_rest[..length], NumberStyles.None, CultureInfo.InvariantCulture);
            _rest = _rest[length..];
            if (name is not null && (value < low || value > high))
                Fail($": {name} out of range");
            return value;
        }

        private long OptionalFraction()
        {
            if (_error is not null || _rest.Length < 2 || _rest[0] is not ('.' or ',') || !char.IsAsciiDigit(_rest[1]))
                return 0;
            var end = 1;
            while (end < _rest.Length && char.IsAsciiDigit(_rest[end]))
                end++;
            var ticks = Ticks(_rest[1..end]);
            _rest = _rest[end..];
            return ticks;
        }

        private long Microseconds()
        {
            if (_error is not null)
                return 0;
            if (_rest.Length < 7 || _rest[0] is not ('.' or ',') || _rest[1..7].ContainsAnyExceptInRange('0', '9'))
            {
                CannotParse(".000000");
                return 0;
            }

            var ticks = Ticks(_rest[1..7]);
            _rest = _rest[7..];
            return ticks;
        }

        private TimeSpan Zone()
        {
            if (_error is not null)
                return default;
            if (_rest.StartsWith("Z"))
            {
                _rest = _rest[1..];
                return default;
            }

            if (_rest.Length < 6 || _rest[3] != ':' || _rest[0] is not ('+' or '-')
                || !int.TryParse(_rest[1..3], NumberStyles.None, CultureInfo.InvariantCulture, out var hours)
                || !int.TryParse(_rest[4..6], NumberStyles.None, CultureInfo.InvariantCulture, out var minutes))
            {
                CannotParse("Z07:00");
                return default;
            }

            if (hours > 24)
                Fail(": time zone offset hour out of range");
            else if (minutes > 60)
                Fail(": time zone offset minute out of range");
            var offset = new TimeSpan(hours, minutes, 0);
            offset = _rest[0] == '-' ? -offset : offset;
            _rest = _rest[6..];
            return offset;
        }

        private static long Ticks(ReadOnlySpan<char> digits)
        {
            long ticks = 0;
            for (var i = 0; i < 7; i++)
                ticks = (ticks * 10) + (i < digits.Length ? digits[i] - '0' : 0);
            return ticks;
        }

        private void CannotParse(string element) =>
            _error ??= $"parsing time {GoText.Quote(text)} as {GoText.Quote(layout)}: cannot parse {GoText.Quote(_rest.ToString())} as {GoText.Quote(element)}";

        private void Fail(string message) => _error ??= $"parsing time {GoText.Quote(text)}{message}";
    }
}
