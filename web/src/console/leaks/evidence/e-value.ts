/**
 * Writes e-values and error bounds for readers. Every rounding goes against the accusation: evidence down, thresholds
 * up, error bounds up.
 */
import { locale, t } from "../../../messages/message.ts"

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹"
const named = [
    [9, "billion"],
    [6, "million"],
] as const
/** From this power on, a number is written as a power of ten. */
const namedMax = 12
/** The smallest number that is written out. */
const smallest = 0.01

/** Formats 10 to the power of `log10` with two digits, rounded down: evidence. */
export const evidenceText = (log10: number): string => factorText(log10, Math.floor)

/** Formats 10 to the power of `log10` with two digits, rounded up: a threshold. */
export const thresholdText = (log10: number): string => factorText(log10, Math.ceil)

function factorText(log10: number, round: (value: number) => number): string {
    if (10 ** log10 < smallest) return t("below {smallest}", { smallest })
    const power = Math.floor(log10 + 1e-9)
    const digits = round(Number((10 ** (log10 - power) * 10).toPrecision(12))) / 10
    if (power >= namedMax) return `${digits} × 10${superscript(power)}`
    for (const [size, name] of named) {
        if (power >= size) return `${trimmed(digits * 10 ** (power - size))} ${name}`
    }
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
    if (power < 0) return power < -3 ? `10⁻${superscript(-power)}` : (10 ** power).toFixed(-power)
    return power > 5 ? `10${superscript(power)}` : (10 ** power).toLocaleString(locale)
}
