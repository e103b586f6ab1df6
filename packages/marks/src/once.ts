/** Keeps results for long texts, because one leak is compared with many masters. */
const longText = 10_000
const textsMax = 4
/** The kept characters above which all results but the latest are dropped. */
const charactersMax = 1024 * 1024

/** Wraps a pure function of a text so that its results for the last few long texts are kept. */
export function cacheForLongTexts<Made>(make: (text: string) => Made): (text: string) => Made {
    const kept: { readonly text: string; readonly result: Made }[] = []
    return (text) => {
        if (text.length < longText) return make(text)
        const at = kept.findIndex((entry) => entry.text === text)
        const [hit = { text, result: make(text) }] = at < 0 ? [] : kept.splice(at, 1)
        kept.unshift(hit)
        const length = () => kept.reduce((sum, entry) => sum + entry.text.length, 0)
        while (kept.length > 1 && (kept.length > textsMax || length() > charactersMax)) kept.pop()
        return hit.result
    }
}
