/** Temporary self-signed certificates for given names. */
import { generate } from "selfsigned"

export interface Certificate {
    readonly key: string
    readonly cert: string
}

const dayMs = 86_400_000

/** Creates a self-signed certificate, which is its own authority; valid from yesterday for `days`. */
export async function createCertificate(names: readonly string[], days = 2): Promise<Certificate> {
    const notBeforeDate = new Date(Date.now() - dayMs)
    const { private: key, cert } = await generate([{ name: "commonName", value: names[0] ?? "none" }], {
        keyType: "ec",
        algorithm: "sha256",
        notBeforeDate,
        notAfterDate: new Date(notBeforeDate.getTime() + days * dayMs),
        extensions: [
            { name: "basicConstraints", cA: true, critical: true },
            { name: "subjectAltName", altNames: names.map((value) => ({ type: 2, value })) },
        ],
    })
    return { key, cert }
}
