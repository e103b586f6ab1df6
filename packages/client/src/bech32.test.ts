import { describe, expect, test } from "vitest"
import { decodeBech32 } from "./bech32.ts"

/** Strings of BIP 173: https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki */
describe("bech32", () => {
    test.each([
        ["A12UEL5L", "a", ""],
        ["a12uel5l", "a", ""],
        [
            "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
            "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio",
            "",
        ],
        ["abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef", "00443214c74254b635cf84653a56d7c675be77df"],
    ])("%s is decoded", (text, prefix, hex) => {
        const read = decodeBech32(text)
        expect(read?.prefix).toBe(prefix)
        expect(Buffer.from(read?.bytes ?? []).toString("hex")).toBe(hex)
    })

    test.each([
        ["", "nothing"],
        ["\x201nwldj5", "a space in the prefix"],
        ["\x7f1axkwrx", "a control character in the prefix"],
        ["\u00801eym55h", "a letter outside ASCII"],
        ["pzry9x0s0muk", "no separator"],
        ["1pzry9x0s0muk", "no prefix"],
        ["x1b4n0q5v", "a letter outside the alphabet"],
        ["li1dgmt3", "a checksum too short"],
        ["de1lg7wt\u00ff", "a letter outside ASCII in the checksum"],
        ["A1G7SGD8", "a checksum over the upper-case prefix"],
        ["10a06t8", "an empty prefix"],
        ["a12UEL5L", "mixed case"],
        ["a12uel5m", "one wrong letter"],
        [`${"a".repeat(5000)}12uel5l`, "more than any key needs"],
    ])("%j is refused: %s", (text) => {
        expect(decodeBech32(text)).toBeNull()
    })
})
