/** Saves content of the page as a file on the viewer's machine. */
export function saveAs(name: string, content: BlobPart): void {
    const address = URL.createObjectURL(new Blob([content]))
    const link = document.createElement("a")
    link.href = address
    link.download = name
    link.click()
    URL.revokeObjectURL(address)
}

export const bytesIn = (base64: string): Uint8Array<ArrayBuffer> =>
    Uint8Array.from(atob(base64), (item) => item.charCodeAt(0))
