import { describe, expect, test } from "vitest"
import { loadMarkFormat } from "@tocsin/marks/carriers/registry"
import type { Carrier } from "@tocsin/marks/carriers/carrier"
import { loadParser } from "@tocsin/marks/grammars"
import { slotLimits, locateSlots, takesLong } from "./slots.ts"

const carrierOf = async (name: string): Promise<Carrier> => {
    const pen = await loadMarkFormat(name, loadParser)
    if (pen === null) throw new Error(`no pen for ${name}`)
    return pen.carrier
}

const texts = {
    "long.py": Array.from(
        { length: 400 },
        (_, i) => `def handler_${i}(value):\n    total = value + ${i}\n    return total\n`,
    ),
    "long.md": Array.from({ length: 400 }, (_, i) => `Host ${i} fails because of a missing check, for example.\n`),
    "short.md": ["It fails because of a missing check.\n"],
}

describe("the slots of a text", () => {
    test.each(Object.entries(texts))("%s are the same in this process and in a subprocess", async (name, lines) => {
        const text = lines.join("\n").padEnd(name.startsWith("long") ? 31_000 : 0, "\n")
        const carrier = await carrierOf(name)
        expect(await locateSlots(carrier, name, text)).toEqual(carrier.slots(text))
    })

    test("of code use a subprocess at a smaller size than those of prose", async () => {
        const [code, prose] = [await carrierOf("x.py"), await carrierOf("x.md")]
        const text = "x = 1\n".repeat(3000)
        expect([takesLong(code, text), takesLong(prose, text)]).toEqual([true, false])
    })

    test.each([1, 3000])("of code that no grammar parses are none, also after %s lines", async (lines) => {
        const text = `${"x=1\n".repeat(lines)}for file do echo; done )`
        expect(await locateSlots(await carrierOf("x.sh"), "x.sh", text)).toEqual([])
    })

    test("that take too long are refused, and no request waits", async () => {
        const text = texts["long.py"].join("\n").repeat(2)
        const found = locateSlots(await carrierOf("x.py"), "x.py", text, { ...slotLimits, timeMs: 1 })
        await expect(found).rejects.toMatchObject({ code: "mark.too_complex" })
    })
})
