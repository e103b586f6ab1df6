/**
 * Writes e-values, error bounds and other numbers for readers. Every rounding of evidence goes against the accusation:
 * evidence down, thresholds up, error bounds up.
 */
import { locale, t } from "../../../messages/message.ts"

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹"
/** From this power on, a number is written as a power of ten. */
const namedMax = 12
/** The smallest number that is written out. */
const smallest = 0.01

/** Formats 10 to the power of `log10` with two digits, rounded down: evidence. */
export const evidenceText = (log10: number): string => factorText(log10, Math.floor)

/** Formats 10 to the power of `log10` with two digits, rounded up: a threshold. */
export const thresholdText = (log10: number): string => factorText(log10, Math.ceil)

function factorText(log10: number, round: (value: number) => number): string {
    if (10 ** log10 < smallest) return t("below {smallest}", { smallest: smallest.toLocaleString(locale) })
    const power = Math.floor(log10 + 1e-9)
    const digits = round(Number((10 ** (log10 - power) * 10).toPrecision(12))) / 10
    if (power >= namedMax) return `${trimmed(digits)} × 10${superscript(power)}`
    if (power >= 9) return t("{number} billion", { number: trimmed(digits * 10 ** (power - 9)) })
    if (power >= 6) return t("{number} million", { number: trimmed(digits * 10 ** (power - 6)) })
    return trimmed(digits * 10 ** power)
}

const trimmed = (value: number): string =>
    Number(value.toPrecision(2)).toLocaleString(locale, { maximumFractionDigits: 3 })

const superscript = (power: number): string =>
    String(power)
        .split("")
        .map((digit) => superscripts[Number(digit)])
        .join("")

/** Formats a probability as "1 in 1,000,000". Rounds so that the bound is never smaller than it is. */
export function errorBoundText(alpha: number): string {
    const copies = Math.floor(Number((1 / alpha).toPrecision(12))).toLocaleString(locale)
    return t("1 in {copies}", { copies })
}

/** The ticks of a logarithmic scale, as powers of ten: few enough to be read. */
export function ticksBetween(low: number, high: number, most = 7): number[] {
    const [from, to] = [Math.floor(low), Math.ceil(high)]
    const step = [1, 2, 3, 5, 10, 20, 50, 100].find((each) => (to - from) / each < most) ?? 200
    const first = Math.ceil(from / step) * step
    return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, n) => first + n * step)
}

/** Labels a tick. */
export function tickText(power: number): string {
    if (power < -3) return `10⁻${superscript(-power)}`
    return power > 5 ? `10${superscript(power)}` : (10 ** power).toLocaleString(locale)
}

/** Formats a share of 1 in per cent, with two significant digits. */
export const percentText = (share: number): string =>
    share.toLocaleString(locale, { style: "percent", minimumSignificantDigits: 2, maximumSignificantDigits: 2 })
