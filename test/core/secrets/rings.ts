/** Keyrings of two known secrets, bytes 0 to 31 and 32 to 63, as an operator has them before, while and after rotating. */
export const old = "old:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
export const young = "new:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
export const both = `${young},${old}`;
