/** ZXing, a reader of barcodes that is used in many scanners: what it says of a picture of light and dark. */
import {
  BarcodeFormat,
  BinaryBitmap,
  DecodeHintType,
  HybridBinarizer,
  MultiFormatReader,
  RGBLuminanceSource,
} from '@zxing/library';

export interface Read {
  readonly format: string;
  readonly text: string;
}

interface Sampled {
  readonly width: number;
  readonly height: number;
  /** 0 for black to 255 for white. */
  brightness(x: number, y: number): number;
}

/** @throws Error of ZXing when it finds no barcode in the picture */
export function readBarcode({ width, height, brightness }: Sampled): Read {
  const light = Uint8ClampedArray.from({ length: width * height }, (_, at) =>
    brightness(at % width, Math.floor(at / width)),
  );
  const reader = new MultiFormatReader();
  reader.setHints(new Map([[DecodeHintType.TRY_HARDER, true]]));
  const result = reader.decode(
    new BinaryBitmap(new HybridBinarizer(new RGBLuminanceSource(light, width, height))),
  );
  return { format: BarcodeFormat[result.getBarcodeFormat()] ?? '', text: result.getText() };
}

/** Modules, `1` for a bar, as a picture with light around them. */
export function pictureOf(modules: string, quiet: number, pitch = 3, height = 60): Sampled {
  const bits = `${'0'.repeat(quiet)}${modules}${'0'.repeat(quiet)}`;
  return {
    width: bits.length * pitch,
    height,
    brightness: (x) => (bits[Math.floor(x / pitch)] === '1' ? 0 : 255),
  };
}
