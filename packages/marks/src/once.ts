/** Work on long texts that is done once, while the same few come again: one leak is held against many masters. */
const longText = 10_000
const textsMax = 4
/** What is kept is dropped, but for the latest, beyond so many characters. */
const charactersMax = 1024 * 1024

/** `make`, which the text alone decides, with what it made of the last few long texts kept. */
export function onceForLong<Made>(make: (text: string) => Made): (text: string) => Made {
    const kept: { readonly text: string; readonly made: Made }[] = []
    return (text) => {
        if (text.length < longText) return make(text)
        const at = kept.findIndex((item) => item.text === text)
        const [input = { text, made: make(text) }] = at < 0 ? [] : kept.splice(at, 1)
        kept.unshift(input)
        const length = () => kept.reduce((sum, item) => sum + item.text.length, 0)
        while (kept.length > 1 && (kept.length > textsMax || length() > charactersMax)) kept.pop()
        return input.made
    }
}
