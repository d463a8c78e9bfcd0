//! See the module `styles` of the library.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_forms::serve(example_forms::styles::app().await?).await;
    Ok(())
}
