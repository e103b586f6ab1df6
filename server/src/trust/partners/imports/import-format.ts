/** Defines the formats of files to import, and recognises them. Pure. */
export const importFormats = ["csv", "groups_yaml", "mailman_roster", "openpgp_keyring"] as const
export type ImportFormat = (typeof importFormats)[number]

/** Recognises the format of a text by its form. A text without any sign of the others is a roster. */
export function recogniseFormat(text: string): ImportFormat {
    if (text.includes("-----BEGIN PGP ")) return "openpgp_keyring"
    const lines = text.split(/\r\n|\n|\r/, 2000).map((line) => line.replace(/^\ufeff/, "").trimEnd())
    if (lines.some((line) => line === "groups:")) return "groups_yaml"
    const head = lines.find((line) => line !== "") ?? ""
    const names = head.split(/[,;]/).map((name) => name.trim().replaceAll('"', "").toLowerCase())
    return names.includes("name") || names.includes("mail") ? "csv" : "mailman_roster"
}
